/** The task that a map starts: it loads the function once and answers records until the map is over. */
import type { End } from "../quipe/end.ts";
import type { Entry } from "../sync/messages.ts";
import { current } from "../task/current.ts";
import { loadEntry, task } from "../task/entry.ts";
import { serveRecords, type MapperBatch, type MapperReply } from "./mapper.ts";

/** Loads the function that `entry` names, and calls it for every record with `shared` and its number. */
export const mapperTask: (entry: Entry, shared: unknown, progress: Int32Array) => Promise<void> =
  task(
    import.meta.url,
    async function mapper(entry: Entry, shared: unknown, progress: Int32Array): Promise<void> {
      const call: (value: never, shared: never, number: never) => unknown = await loadEntry(entry);
      const end = current().quipe as End<MapperReply, MapperBatch>;
      await serveRecords(end, progress, (value, number) =>
        call(value as never, shared as never, number as never),
      );
    },
  );
