/** The rows that every contender serves, made by a seeded generator: the same on every run and for everybody. */

export interface Row {
  readonly title: string;
  readonly description: string;
  readonly level: number;
  readonly done: boolean;
  readonly owner: string;
  readonly tags: readonly string[];
}

export const owners = 50;

const words = (
  "warp weft loom shuttle thread reed heddle selvage bobbin treadle twill satin plain weave cloth spool yarn knot " +
  "dye indigo madder weld linen cotton wool silk flax hemp carding spinning plying blocking fulling napping"
).split(" ");

/** Numbers in [0, 1), the same sequence for the same seed (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

export function rowId(index: number): string {
  return String(index).padStart(7, "0");
}

/** Row number `index`: about 350 bytes of text, the most of it in `description`. */
export function rowAt(index: number): Row {
  const random = randomNumbers(index + 1);
  const pick = (): string => words[Math.floor(random() * words.length)] ?? "weft";
  const text = (count: number): string => Array.from({ length: count }, pick).join(" ");
  return {
    title: `Task ${rowId(index)} ${text(3)}`,
    description: text(45),
    level: Math.floor(random() * 100),
    done: random() < 0.5,
    owner: `user-${Math.floor(random() * owners)}`,
    tags: Array.from({ length: Math.floor(random() * 4) }, pick),
  };
}
