/** Rolldown needs nothing but the plugin, which also serves Rollup. */
import { quipeTasks } from "quipe/rolldown";
import { defineConfig } from "rolldown";

export default defineConfig({
  input: "main.ts",
  platform: "node",
  output: { dir: "build" },
  plugins: [quipeTasks()],
});
