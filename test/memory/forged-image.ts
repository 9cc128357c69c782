/** Images that were changed on purpose, with the hash and the checksum that belong to what they say now. */
import { ContentHash } from "../../src/memory/content-hash.ts";
import { IMAGE_FIELD, IMAGE_HEADER_BYTES, seal } from "../../src/memory/image.ts";

/** The words of the content of an image. Changing them changes the image. */
export function contentOf(image: Uint8Array<ArrayBuffer>): Int32Array {
  const bytes = (image.length - IMAGE_HEADER_BYTES) & ~3;
  return new Int32Array(image.buffer, image.byteOffset + IMAGE_HEADER_BYTES, bytes / 4);
}

/** Writes the hash and the checksum that an image would have if it had been saved as it is. */
export function reforge(image: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const words = contentOf(image);
  const hash = new ContentHash();
  hash.add(words, 0, words.length);
  const view = new DataView(image.buffer, image.byteOffset);
  hash.finish().forEach((word, index) => view.setInt32(IMAGE_FIELD.HASH + index * 4, word, true));
  const contentBytes = image.length - IMAGE_HEADER_BYTES;
  view.setUint32(IMAGE_FIELD.BYTES_LOW, contentBytes, true);
  view.setUint32(IMAGE_FIELD.BYTES_HIGH, 0, true);
  seal(image);
  return image;
}

/** A copy of `image` after `change`, reforged. */
export function changed(
  image: Uint8Array<ArrayBuffer>,
  change: (words: Int32Array) => void,
): Uint8Array<ArrayBuffer> {
  const copy = image.slice();
  change(contentOf(copy));
  return reforge(copy);
}
