import { parentPort } from "node:worker_threads";
import { expose } from "comlink";
import nodeEndpoint from "comlink/dist/esm/node-adapter.mjs";
import { jobs } from "./jobs.ts";

if (parentPort !== null) expose(jobs, nodeEndpoint(parentPort));
