/**
 * The words of each line that are not in a shared list, counted.
 *
 *    npx quipe map ./examples/words.ts --in book.txt --share common=common-words.json
 */

/** How often each word stands in a line, without those in `common`. */
export function words(
  line: string,
  { common }: { readonly common: readonly string[] },
): Record<string, number> {
  const counts = new Map<string, number>();
  for (const word of line.toLowerCase().match(/[\p{L}\p{N}'-]+/gu) ?? []) {
    if (!common.includes(word)) counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return Object.fromEntries(counts);
}
