/** Modules of the runtime. */

/** Whether `specifier` names a module that comes with the runtime. */
export function isBuiltinModule(specifier: string): boolean {
  return globalThis.process?.getBuiltinModule?.("node:module").isBuiltin(specifier) ?? false;
}
