/** `node:process` for browsers. */
export { process as default } from "./process-global.ts";
