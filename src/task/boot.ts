/**
 * The first module on every thread that quipe starts: reads which part the thread plays, and plays it.
 * The one module of the sources that does something when it is loaded.
 */
import { beginThread } from "../runtime/start-thread.ts";
import { superviseTasks } from "./reaper.ts";
import { serveTasks } from "./worker.ts";

beginThread(({ role, board }, seat) => {
  if (role === "reaper") superviseTasks(board, seat);
  else serveTasks(board, seat);
});
