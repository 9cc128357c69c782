/** `quipe cat`: an image, or a part of it, as JSON. */
import { rootOf } from "../memory/views.ts";
import { CommandError } from "./command-error.ts";
import { parseDataPath, valueAt } from "./data-path.ts";
import { openImage } from "./image-file.ts";
import { LineOutput } from "./line-output.ts";

/** What `quipe cat` was asked for. */
export interface CatRequest {
  readonly path: string;
  /** Where in the data, as typed; empty for all of it. */
  readonly dataPath: string;
  /** Everything on one line. */
  readonly compact: boolean;
}

/** Does one `quipe cat`; returns its exit code. */
export async function runCatCommand({ path, dataPath, compact }: CatRequest): Promise<number> {
  const keys = parseDataPath(dataPath);
  const value = valueAt(rootOf(await openImage(path)), keys);
  const output = new LineOutput(undefined);
  await output.write(`${inJson(value, compact)}\n`);
  await output.close();
  return 0;
}

function inJson(value: unknown, compact: boolean): string {
  try {
    return JSON.stringify(value, replaced, compact ? 0 : 2) ?? "undefined";
  } catch (error) {
    const isCycle = error instanceof TypeError && /circular|cyclic/i.test(error.message);
    if (isCycle) {
      throw new CommandError(
        "the data refers to itself, which JSON cannot say; ask for a part of it.",
      );
    }
    const why = error instanceof Error ? error.message : String(error);
    throw new CommandError(`the data cannot be written as JSON: ${why}.`);
  }
}

/** What JSON has no word for, as what comes closest. */
function replaced(_key: string, value: unknown): unknown {
  if (typeof value === "bigint") return String(value);
  if (value instanceof Map || value instanceof Set) return [...value];
  if (value instanceof RegExp) return String(value);
  if (value instanceof Error) {
    return {
      name: value.name,
      message: value.message,
      ...Object.fromEntries(Object.entries(value)),
    };
  }
  return value;
}
