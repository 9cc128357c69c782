/**
 * The first module on every thread that quipe starts: reads which part the thread plays, and plays it.
 * The one module of the sources that does something when it is loaded.
 */
import { threads } from "../runtime/host.ts";
import type { Enrolment } from "../sync/enrolment.ts";
import { superviseTasks } from "./reaper.ts";
import { serveTasks } from "./worker.ts";

const { parentPort, workerData } = threads();
const enrolment = (workerData as { quipe: Enrolment }).quipe;

if (enrolment.role === "reaper") superviseTasks(enrolment);
else if (parentPort !== null) serveTasks(enrolment, parentPort);
