/**
 * Runs an automaton over a text: all positions that may be reached are bits, and a character takes them all one step at once. So
 * the time is bounded by the sizes of the pattern and of the text, whatever these are: of 100,000 characters and the patterns that
 * are taken, 20 to 200 ms, where engines that learn states from texts need 2 s and more for patterns made against them.
 */
import { type Automaton, assertionBits, assertionsOf, positionOf } from "./automaton.ts";
import { runeRanges } from "./rune-set.ts";

export interface Matcher {
  /** Whether the automaton matches anywhere in the text, which holds neither NUL nor halves of surrogate pairs. */
  test(text: string): boolean;
}

export function createMatcher(automaton: Automaton): Matcher {
  const takers = takersOf(automaton);
  const used = usedAssertions(automaton);
  const isAnchored = [...automaton.first, ...automaton.empties].every((step) => step & assertionBits.textStart);
  /** What is possible between two characters, by the assertions that hold there. */
  const gaps = new Map<number, Gap>();
  const gapOf = (assertions: number): Gap => {
    const known = gaps.get(assertions);
    if (known !== undefined) return known;
    const gap = gapUnder(automaton, assertions);
    gaps.set(assertions, gap);
    return gap;
  };

  return {
    test(text) {
      let reached = new Uint32Array(takers.words);
      let next = new Uint32Array(takers.words);
      let before = textEdge;
      for (let at = 0; ; ) {
        const rune = at < text.length ? (text.codePointAt(at) as number) : textEdge;
        const gap = gapOf(used === 0 ? 0 : used & assertionsBetween(before, rune));
        if (gap.matchesEmpty || meets(reached, gap.last)) return true;
        if (rune === textEdge) return false;
        step(gap, reached, next);
        const isAlive = restrict(next, takers, rowOf(takers, rune));
        if (isAnchored && !isAlive) return false;
        [reached, next] = [next, reached];
        before = rune;
        at += rune > 0xffff ? 2 : 1;
      }
    },
  };
}

/** Stands for what is before the first character and behind the last. */
const textEdge = -1;
const newline = 10;

function assertionsBetween(before: number, after: number): number {
  const isBoundary = isWord(before) !== isWord(after);
  return (
    (before === textEdge ? assertionBits.textStart | assertionBits.lineStart : 0) |
    (after === textEdge ? assertionBits.textEnd | assertionBits.lineEnd : 0) |
    (before === newline ? assertionBits.lineStart : 0) |
    (after === newline ? assertionBits.lineEnd : 0) |
    (isBoundary ? assertionBits.wordBoundary : assertionBits.noWordBoundary)
  );
}

/** RE2's words are of ASCII. */
function isWord(rune: number): boolean {
  return (rune >= 97 && rune <= 122) || (rune >= 65 && rune <= 90) || (rune >= 48 && rune <= 57) || rune === 95;
}

function usedAssertions({ first, last, follow, empties }: Automaton): number {
  let used = 0;
  for (const steps of [first, last, empties, ...follow]) for (const one of steps) used |= assertionsOf(one);
  return used;
}

/** A set of positions, 32 to a word. */
type Bits = Uint32Array;

/**
 * Other steps than those to the next position: of four positions at once, looked up by which of them are reached.
 * `bits[set * targets.length + i]` goes into the word `targets[i]`; only words that some step leads to are there.
 */
interface Quad {
  readonly targets: Uint16Array;
  readonly bits: Bits;
}

interface Gap {
  readonly matchesEmpty: boolean;
  readonly first: Bits;
  readonly last: Bits;
  /** Positions with a step to the next position: most of a long pattern's. */
  readonly onward: Bits;
  /** Other steps that many positions share, as those out of a loop or back to its beginning. */
  readonly jumps: readonly Jump[];
  /** Positions with other steps still. */
  readonly branching: Bits;
  readonly quads: readonly Quad[];
}

interface Jump {
  readonly sources: Bits;
  readonly targets: Bits;
}

/** From how many positions on. */
const minSources = 32;

function gapUnder({ first, last, follow, empties }: Automaton, assertions: number): Gap {
  const words = wordsFor(follow.length);
  const holds = (step: number) => (assertionsOf(step) & ~assertions) === 0;
  const bitsOf = (steps: ReadonlySet<number>) => bitsAt([...steps].filter(holds).map(positionOf), words);
  const steps = follow.map((those) => [...those].filter(holds).map(positionOf));
  const loops = takeShared(steps, words);
  const others = steps.map((those, position) => those.filter((next) => next !== position + 1));
  const exits = takeShared(others, words);
  const which = (isSo: (position: number) => boolean) => bitsAt([...steps.keys()].filter(isSo), words);
  return {
    matchesEmpty: [...empties].some(holds),
    first: bitsOf(first),
    last: bitsOf(last),
    onward: which((position) => steps[position]?.includes(position + 1) === true),
    jumps: [...loops, ...exits],
    branching: which((position) => others[position]?.length !== 0),
    quads: Array.from({ length: words * 8 }, (_, quad) => quadOf(others.slice(4 * quad, 4 * quad + 4))),
  };
}

/** Takes out of `steps` those that many positions share. */
function takeShared(steps: number[][], words: number): Jump[] {
  return positionsBy(steps.map((those) => those.sort((a, b) => a - b).join()))
    .filter(([targets, sources]) => targets !== "" && sources.length >= minSources)
    .map(([, sources]) => {
      const targets = steps[sources[0] as number] as number[];
      for (const source of sources) steps[source] = [];
      return { sources: bitsAt(sources, words), targets: bitsAt(targets, words) };
    });
}

function quadOf(follow: readonly (readonly number[])[]): Quad {
  const targets = Uint16Array.from(new Set(follow.flat().map((position) => position >>> 5)));
  const places = new Map([...targets].map((word, place) => [word, place]));
  const bits = new Uint32Array(16 * targets.length);
  for (let set = 1; set < 16; set++) {
    for (const [i, positions] of follow.entries()) {
      if ((set & (1 << i)) === 0) continue;
      for (const position of positions) {
        const place = set * targets.length + (places.get(position >>> 5) as number);
        bits[place] = (bits[place] as number) | (1 << (position & 31));
      }
    }
  }
  return { targets, bits };
}

/** A match may begin anywhere: the first positions are always among the next. */
function step({ first, onward, jumps, branching, quads }: Gap, reached: Bits, next: Bits): void {
  let carried = 0;
  for (let word = 0; word < reached.length; word++) {
    const moving = (reached[word] as number) & (onward[word] as number);
    next[word] = (first[word] as number) | (moving << 1) | carried;
    carried = moving >>> 31;
  }
  for (const { sources, targets } of jumps) if (meets(reached, sources)) add(next, targets);
  for (let word = 0; word < reached.length; word++) {
    let rest = ((reached[word] as number) & (branching[word] as number)) >>> 0;
    for (let quad = word * 8; rest !== 0; rest >>>= 4, quad++) {
      const set = rest & 15;
      if (set === 0) continue;
      const { targets, bits } = quads[quad] as Quad;
      const begin = set * targets.length;
      for (let i = 0; i < targets.length; i++) {
        const target = targets[i] as number;
        next[target] = (next[target] as number) | (bits[begin + i] as number);
      }
    }
  }
}

function add(to: Bits, more: Bits): void {
  for (let word = 0; word < to.length; word++) to[word] = (to[word] as number) | (more[word] as number);
}

function meets(a: Bits, b: Bits): boolean {
  for (let word = 0; word < a.length; word++) if (((a[word] as number) & (b[word] as number)) !== 0) return true;
  return false;
}

/** Which positions take a character: a row of bits for each stretch of characters that are alike to all positions. */
interface Takers {
  readonly words: number;
  /** Where each stretch begins. */
  readonly starts: Int32Array;
  readonly rows: Bits;
  /** The row of each character of ASCII. */
  readonly ascii: Uint16Array;
}

function takersOf({ expressions }: Automaton): Takers {
  const words = wordsFor(expressions.length);
  /** At each character, what begins or ends to be taken there. */
  const turns = new Map<number, Bits[]>([[0, []]]);
  const turn = (rune: number, bits: Bits) => turns.set(rune, [...(turns.get(rune) ?? []), bits]);
  for (const [expression, positions] of positionsBy(expressions)) {
    const bits = bitsAt(positions, words);
    for (const [first, last] of runeRanges(expression)) {
      turn(first, bits);
      turn(last + 1, bits);
    }
  }
  const starts = Int32Array.from(turns.keys()).sort();
  const rows = new Uint32Array(starts.length * words);
  for (const [row, start] of starts.entries()) {
    if (row > 0) rows.copyWithin(row * words, (row - 1) * words, row * words);
    for (const bits of turns.get(start) ?? []) {
      for (let word = 0; word < words; word++) {
        rows[row * words + word] = (rows[row * words + word] as number) ^ (bits[word] as number);
      }
    }
  }
  const ascii = Uint16Array.from({ length: 128 }, (_, rune) => rowIn(starts, rune));
  return { words, starts, rows, ascii };
}

/** By what they are called, the positions that are called alike. */
function positionsBy(names: readonly string[]): [name: string, positions: number[]][] {
  const positions = new Map<string, number[]>();
  for (const [position, name] of names.entries()) {
    const known = positions.get(name);
    if (known) known.push(position);
    else positions.set(name, [position]);
  }
  return [...positions];
}

function rowOf({ ascii, starts }: Takers, rune: number): number {
  return rune < 128 ? (ascii[rune] as number) : rowIn(starts, rune);
}

/** The last stretch that begins at or before the character. */
function rowIn(starts: Int32Array, rune: number): number {
  let low = 0;
  for (let high = starts.length; high - low > 1; ) {
    const middle = (low + high) >>> 1;
    if ((starts[middle] as number) <= rune) low = middle;
    else high = middle;
  }
  return low;
}

/** @returns whether any is left */
function restrict(next: Bits, { rows, words }: Takers, row: number): boolean {
  const begin = row * words;
  let left = 0;
  for (let word = 0; word < words; word++) {
    const taken = (next[word] as number) & (rows[begin + word] as number);
    next[word] = taken;
    left |= taken;
  }
  return left !== 0;
}

function bitsAt(positions: readonly number[], words: number): Bits {
  const bits = new Uint32Array(words);
  for (const position of positions) bits[position >>> 5] = (bits[position >>> 5] as number) | (1 << (position & 31));
  return bits;
}

function wordsFor(positions: number): number {
  return Math.ceil(positions / 32);
}
