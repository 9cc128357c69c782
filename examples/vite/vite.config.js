/** Vite needs nothing but the plugin. */
import { quipeTasks } from "quipe/vite";
import { defineConfig } from "vite";

export default defineConfig({ plugins: [quipeTasks()] });
