/**
 * Runs several test files in one process, one after the other: each is a suite with its hooks, under the path of the
 * file. The runner hands over the paths, and where to note which file has begun. See sequence-run.ts.
 */
import { appendFileSync } from "node:fs";
import { before, describe } from "node:test";
import { pathToFileURL } from "node:url";

const paths = JSON.parse(process.env["QUIPE_TEST_FILES"] ?? "[]") as readonly string[];
const progressFile = process.env["QUIPE_TEST_PROGRESS"];

for (const path of paths) {
  void describe(path, async () => {
    before(() => {
      if (progressFile !== undefined) appendFileSync(progressFile, `${path}\n`);
    });
    await import(pathToFileURL(path).href);
  });
}
