import { ThreadWorker } from "poolifier";
import { jobs } from "./jobs.ts";

/** It listens from its construction on. */
export const worker: unknown = new ThreadWorker({ ...jobs });
