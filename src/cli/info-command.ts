/** `quipe info`: what an image holds, after all of it was checked. */
import { open } from "node:fs/promises";
import { hashInHexadecimal } from "../memory/content-hash.ts";
import { IMAGE_HEADER_BYTES, IMAGE_VERSION, readHeader } from "../memory/image.ts";
import { HEADER } from "../memory/layout.ts";
import { rootOf } from "../memory/views.ts";
import { countStrings } from "../memory/verify.ts";
import { openImage } from "./image-file.ts";
import { LineOutput } from "./line-output.ts";

/** What `quipe info` was asked for. */
export interface InfoRequest {
  readonly path: string;
  readonly json: boolean;
}

/** Does one `quipe info`; returns its exit code. */
export async function runInfoCommand({ path, json }: InfoRequest): Promise<number> {
  const region = await openImage(path);
  const { words } = region;
  const facts = {
    format: IMAGE_VERSION,
    hash: await hashIn(path),
    bytes: IMAGE_HEADER_BYTES + region.buffer.byteLength,
    objects: words[HEADER.ORDINALS] as number,
    shapes: words[HEADER.SHAPES] as number,
    strings: countStrings(words),
    root: describeRoot(rootOf(region)),
  };
  const output = new LineOutput(undefined);
  await output.write(json ? `${JSON.stringify(facts)}\n` : table(facts));
  await output.close();
  return 0;
}

async function hashIn(path: string): Promise<string> {
  const file = await open(path);
  try {
    const header = new Uint8Array(IMAGE_HEADER_BYTES);
    await file.read(header, 0, header.length, 0);
    return hashInHexadecimal(readHeader(header).contentHash);
  } finally {
    await file.close();
  }
}

function table(facts: Readonly<Record<string, string | number>>): string {
  const lines = Object.entries(facts).map(([name, value]) => {
    const shown = typeof value === "number" ? value.toLocaleString("en-US") : value;
    return `${name.padEnd(8)} ${shown}\n`;
  });
  return lines.join("");
}

/** Keys that are shown of an object. */
const KEYS_SHOWN = 8;

function describeRoot(root: unknown): string {
  if (Array.isArray(root)) return `array of ${root.length}`;
  if (root instanceof Map || root instanceof Set) {
    return `${root instanceof Map ? "Map" : "Set"} of ${root.size}`;
  }
  if (typeof root !== "object" || root === null) return root === null ? "null" : typeof root;
  const keys = Object.keys(root);
  const shown = keys.slice(0, KEYS_SHOWN).join(", ");
  return keys.length > KEYS_SHOWN ? `object with ${shown}, …` : `object with ${shown || "no keys"}`;
}
