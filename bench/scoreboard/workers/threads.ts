import { expose } from "threads/worker";
import { jobs } from "./jobs.ts";

expose({ ...jobs });
