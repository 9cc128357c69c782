/** What tests use of `node:util`, for browsers: the package util has it. */
export { inspect } from "node:util";
