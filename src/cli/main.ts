#!/usr/bin/env node
/** The `quipe` command. This file alone does something when it is loaded. */
import { run } from "./run.ts";

void run(process.argv.slice(2)).then((exitCode) => {
  process.exitCode = exitCode;
});
