/**
 * `npm ci` refuses a lock file that leaves out the optional packages of other platforms, and npm
 * leaves them out when it writes the file beside an installed tree, or cannot reach one of them.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { projectRoot } from "../../scripts/project-files.ts";

interface LockedPackage {
  readonly version?: string;
  readonly resolved?: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const lock = JSON.parse(readFileSync(join(projectRoot, "package-lock.json"), "utf8")) as {
  readonly packages: Readonly<Record<string, LockedPackage>>;
};

test("the lock file has an entry for every optional package of every platform", () => {
  const wanted = Object.values(lock.packages).flatMap((one) =>
    Object.keys(one.optionalDependencies ?? {}),
  );
  const missing = wanted.filter((name) => lock.packages[`node_modules/${name}`] === undefined);
  assert.ok(wanted.length > 0);
  assert.deepEqual(missing, []);
});

test("the lock file names no place to fetch packages from but the public registry", () => {
  const places = Object.values(lock.packages).map((one) => one.resolved ?? "");
  const strangers = places.filter(
    (place) => place !== "" && !place.startsWith("https://registry.npmjs.org/"),
  );
  assert.deepEqual(strangers, []);
});
