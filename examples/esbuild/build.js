/** Builds the same program for Node and for browsers. */
import { build } from "esbuild";
import { quipeTasks } from "quipe/esbuild";

export const options = {
  absWorkingDir: import.meta.dirname,
  entryPoints: ["main.ts"],
  bundle: true,
  minify: true,
  format: "esm", // the plugin needs it: only modules know their URL
  target: "es2022",
  plugins: [quipeTasks()],
};

if (process.argv[1] === import.meta.filename) {
  await build({ ...options, platform: "node", outdir: "build/node" });
  await build({ ...options, platform: "browser", outdir: "build/browser" });
}
