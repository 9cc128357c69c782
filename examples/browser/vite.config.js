/** Try it with `npx vite examples/browser`, in a checkout that was built. */
import { quipeTasks } from "quipe/vite";
import { defineConfig } from "vite";

export default defineConfig({ plugins: [quipeTasks()] });
