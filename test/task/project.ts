/** Programs of users, in folders of their own: what they import is found as where quipe is installed. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { projectRoot } from "../../scripts/project-files.ts";

/** A folder of a project in which some packages of this one are installed. */
export class Project {
  readonly #path: string = mkdtempSync(join(tmpdir(), "quipe-test-"));

  constructor(packages: readonly ("quipe" | "tsx")[]) {
    this.write("package.json", '{ "type": "module" }');
    mkdirSync(join(this.#path, "node_modules"));
    for (const name of packages) {
      const target = name === "quipe" ? projectRoot : join(projectRoot, "node_modules", name);
      symlinkSync(target, join(this.#path, "node_modules", name));
    }
  }

  write(name: string, text: string): URL {
    writeFileSync(join(this.#path, name), text);
    return pathToFileURL(join(this.#path, name));
  }

  path(name: string): string {
    return join(this.#path, name);
  }

  [Symbol.dispose](): void {
    rmSync(this.#path, { recursive: true, force: true });
  }
}
