import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  BLOCK_WORDS,
  checksumOf,
  ContentHash,
  hashInHexadecimal,
} from "../../src/memory/content-hash.ts";

const words = fc.array(fc.integer(), { minLength: 1, maxLength: 40 });

function hashOf(list: readonly number[]): string {
  const hash = new ContentHash();
  hash.add(Int32Array.from(list), 0, list.length);
  return hashInHexadecimal(hash.finish());
}

test("the checksum is CRC-32", () => {
  assert.equal(checksumOf(new TextEncoder().encode("123456789")) >>> 0, 0xcbf43926);
  assert.equal(checksumOf(new Uint8Array(0)), 0);
});

test("the hash of a stored image never changes with the version of quipe", () => {
  assert.equal(hashOf([]), "959ca460042fa767400c22de67c748bd");
  assert.equal(hashOf([1, 2, 3, 4, 5, -6]), "7050ade9290ff832bac59f5fb2a4ae4f");
});

test("the hash does not depend on the pieces in which words come", () => {
  fc.assert(
    fc.property(words, fc.nat(), (list, cut) => {
      const array = Int32Array.from(list);
      const middle = Math.floor((cut % (list.length + 1)) / 4) * 4;
      const hash = new ContentHash();
      hash.add(array, 0, middle);
      hash.add(array, middle, list.length);
      assert.equal(hashInHexadecimal(hash.finish()), hashOf(list));
    }),
  );
});

test("a change of one word, or of the length, always changes the hash", () => {
  fc.assert(
    fc.property(words, fc.nat(), fc.integer(), (list, at, word) => {
      const index = at % list.length;
      const changed = list.with(index, word);
      assert.equal(hashOf(changed) === hashOf(list), list[index] === word);
      assert.notEqual(hashOf([...list, 0]), hashOf(list));
    }),
  );
});

test("top bits that flip in two words of a lane do not cancel out", () => {
  const list = new Array<number>(16).fill(7);
  for (let other = 4; other < 16; other += 4) {
    const flipped = list.with(0, 7 ^ -0x80000000).with(other, 7 ^ -0x80000000);
    assert.notEqual(hashOf(flipped), hashOf(list));
  }
});

test("blocks may come in any order, and their order in the content counts", () => {
  const array = Int32Array.from({ length: BLOCK_WORDS * 2 + 5 }, (_, i) =>
    Math.imul(i, 0x9e3779b1),
  );
  const parts = [0, 1, 2].map((block) => block * BLOCK_WORDS);
  const inOrder = (starts: readonly number[], content: Int32Array): string => {
    const hash = new ContentHash();
    for (const start of starts) {
      hash.add(content, start, Math.min(start + BLOCK_WORDS, content.length));
    }
    return hashInHexadecimal(hash.finish());
  };
  const expected = inOrder(parts, array);
  assert.equal(inOrder(parts.toReversed(), array), expected);
  const whole = new ContentHash();
  whole.add(array, 0, array.length);
  assert.equal(hashInHexadecimal(whole.finish()), expected);
  const swapped = array.slice();
  swapped.copyWithin(0, BLOCK_WORDS, BLOCK_WORDS * 2);
  swapped.set(array.subarray(0, BLOCK_WORDS), BLOCK_WORDS);
  assert.notEqual(inOrder(parts, swapped), expected);
});
