/** The file of a worker as a minifier leaves it: one function, whose name is gone; and all of quipe, with tasks of its own. */
import { task } from "../../../src/index.ts";

task(import.meta.url, (x: number) => x * 2);
