/**
 * Glushkov's automaton of a pattern: a state for each character that the pattern takes, and no empty steps.
 * https://en.wikipedia.org/wiki/Glushkov%27s_construction_algorithm, with assertions as conditions on steps: they hold, or do not,
 * between two characters. Its size is told beforehand by `cost.ts`.
 */
import type { Assertion, RegexNode } from "./syntax.ts";

/** As bits, so that one number says which of them a step needs, or which hold somewhere. */
export const assertionBits = {
  textStart: 1,
  textEnd: 2,
  lineStart: 4,
  lineEnd: 8,
  wordBoundary: 16,
  noWordBoundary: 32,
} as const satisfies Record<Assertion, number>;

/** A position and the assertions that a step to it, or from it, needs: `position * 64 + assertions`. */
type Step = number;

export const positionOf = (step: Step) => step >>> 6;
export const assertionsOf = (step: Step) => step & 63;

export interface Automaton {
  /** By position, what character it takes. */
  readonly expressions: readonly string[];
  readonly first: ReadonlySet<Step>;
  readonly last: ReadonlySet<Step>;
  /** By position, the steps to what may come next. */
  readonly follow: readonly ReadonlySet<Step>[];
  /** Assertions under each of which the empty text matches. */
  readonly empties: ReadonlySet<number>;
}

interface Fragment {
  readonly first: ReadonlySet<Step>;
  readonly last: ReadonlySet<Step>;
  readonly empties: ReadonlySet<number>;
}

interface Growing {
  readonly expressions: string[];
  readonly follow: Set<Step>[];
}

export function automatonOf(node: RegexNode): Automaton {
  const growing: Growing = { expressions: [], follow: [] };
  return { ...fragmentOf(growing, node), ...growing };
}

const nothing: ReadonlySet<number> = new Set();
const emptyText: Fragment = { first: nothing, last: nothing, empties: new Set([0]) };

function fragmentOf(growing: Growing, node: RegexNode): Fragment {
  switch (node.kind) {
    case "runes": {
      const steps = new Set([growing.expressions.length * 64]);
      growing.expressions.push(node.expression);
      growing.follow.push(new Set());
      return { first: steps, last: steps, empties: nothing };
    }
    case "assertion":
      return { ...emptyText, empties: new Set([assertionBits[node.assertion]]) };
    case "sequence":
      return node.nodes.reduce((before, part) => inSequence(growing, before, fragmentOf(growing, part)), emptyText);
    case "choice":
      return node.nodes.map((part) => fragmentOf(growing, part)).reduce(either);
    case "repeat":
      return repeated(growing, node);
  }
}

function inSequence({ follow }: Growing, a: Fragment, b: Fragment): Fragment {
  for (const from of a.last) {
    const steps = follow[positionOf(from)];
    for (const to of b.first) steps?.add(to | assertionsOf(from));
  }
  return {
    first: union(a.first, under(b.first, a.empties)),
    last: union(b.last, under(a.last, b.empties)),
    empties: under(a.empties, b.empties),
  };
}

function either(a: Fragment, b: Fragment): Fragment {
  return { first: union(a.first, b.first), last: union(a.last, b.last), empties: union(a.empties, b.empties) };
}

type Repeat = Extract<RegexNode, { kind: "repeat" }>;

/** Written out: as many copies as there must be, and then a loop on the last, or so many more, each only behind the one before. */
function repeated(growing: Growing, { node, min, max }: Repeat): Fragment {
  let whole = emptyText;
  for (let copy = 1; copy < min; copy++) whole = inSequence(growing, whole, fragmentOf(growing, node));
  if (max === Number.POSITIVE_INFINITY) {
    const loop = fragmentOf(growing, node);
    inSequence(growing, loop, loop);
    return inSequence(growing, whole, min === 0 ? either(loop, emptyText) : loop);
  }
  if (min > 0) whole = inSequence(growing, whole, fragmentOf(growing, node));
  const copies = Array.from({ length: max - min }, () => fragmentOf(growing, node));
  const more = copies.reduceRight((rest, copy) => either(inSequence(growing, copy, rest), emptyText), emptyText);
  return inSequence(growing, whole, more);
}

function union(a: ReadonlySet<number>, b: ReadonlySet<number>): ReadonlySet<number> {
  if (a.size === 0) return b;
  return b.size === 0 ? a : new Set([...a, ...b]);
}

/** Steps, or ways to match the empty text, that need more assertions. */
function under(steps: ReadonlySet<number>, empties: ReadonlySet<number>): ReadonlySet<number> {
  if (steps.size === 0 || empties.size === 0) return nothing;
  if (empties.has(0) && empties.size === 1) return steps;
  return new Set([...steps].flatMap((step) => [...empties].map((assertions) => step | assertions)));
}
