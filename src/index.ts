/**
 * The public names of quipe, grouped, and nothing else.
 *
 * What is not listed here may change without notice. This file imports neither `inspect`, `remote`
 * nor `cli`: the core stays small.
 */

// Errors
export { QuipeBug, QuipeError } from "./errors.ts";
export type { QuipeErrorCode } from "./errors.ts";
