import { runAsWorker } from "synckit";
import { type JobName, jobs } from "./jobs.ts";

runAsWorker(async (job: JobName) => jobs[job]());
