/** `node:assert/strict` for browsers: the package assert, which Node's own is the model of. */
import { strict } from "node:assert";

export { strict as default };
