/** Has the packed package checked by all tools for packages, and shows what they say. */
import { packPackage } from "./packed-package.ts";
import { checkWith, packageTools } from "./package-tools.ts";

const packed = await packPackage();
try {
  process.exitCode = 0;
  for (const tool of packageTools) {
    const result = await checkWith(tool, packed.tarball);
    console.log(result.output.trim());
    if (result.code !== 0) process.exitCode = 1;
  }
} finally {
  packed.remove();
}
