/** Items that are put into a ring from where they are, without being made ready first. */
import type { Cargo, LaneSender } from "./lane.ts";
import type { Writer } from "./writer.ts";

/** An int32. */
class IntegerCargo implements Cargo {
  value = 0;

  appendTo(sender: LaneSender): boolean {
    return sender.appendInteger(this.value);
  }
}

/** A message in its writer. */
class WrittenCargo implements Cargo {
  writer: Writer | undefined;

  appendTo(sender: LaneSender): boolean {
    return this.writer !== undefined && sender.appendWritten(this.writer);
  }
}

const integer = new IntegerCargo();
const written = new WrittenCargo();

/** An int32 as an item; the same object each time. */
export function integerCargo(value: number): Cargo {
  integer.value = value;
  return integer;
}

/** A message that lies in its writer as an item; the same object each time. */
export function writtenCargo(writer: Writer): Cargo {
  written.writer = writer;
  return written;
}
