/** Words that are all different, as a dictionary or an index of names has them. */
import { randomFrom } from "./random.ts";

const SYLLABLES =
  "ba be bi bo da de di do fa fi ka ke ko la le li lo ma me mi mo na ne ra re ri sa se si so ta te to".split(
    " ",
  );

/** Makes `count` different words of 4 to 12 letters; the same ones each time. */
export function makeWords(count: number): string[] {
  const random = randomFrom(3);
  const words = new Set<string>();
  while (words.size < count) {
    let word = "";
    for (let i = 0; i < 2 + random(5); i++) word += SYLLABLES[random(SYLLABLES.length)] ?? "";
    words.add(word);
  }
  return [...words];
}
