/**
 * What a pattern will cost any engine, told before one is given it: the size of Glushkov's automaton, which has a state
 * for each character that the pattern takes and no empty steps. https://en.wikipedia.org/wiki/Glushkov%27s_construction_algorithm
 */
import { runeRanges } from "./rune-set.ts";
import { isLiteral, type RegexNode } from "./syntax.ts";

export interface RegexCost {
  /** Characters and assertions, each repeat counted: what an engine may hold at once for each character of a text. */
  readonly positions: number;
  /**
   * Steps to, between and from positions, for each letter and each series of assertions on the way: at least as many as
   * there are. NaN beyond counting.
   */
  readonly steps: number;
}

interface Measure extends RegexCost {
  /** Steps that lead into it, and positions that lead out. */
  readonly entries: number;
  readonly exits: number;
  /** Does it match the empty text, asserting nothing? */
  readonly isNullable: boolean;
  /** Ways to match the empty text while asserting something. */
  readonly guards: number;
}

export function costOf(node: RegexNode): RegexCost {
  const expressions = new Set<string>();
  collect(node, expressions);
  const { positions, steps, entries, exits, guards } = measure(node, expressions.size);
  return { positions, steps: entries + steps + exits + guards };
}

function collect(node: RegexNode, expressions: Set<string>): void {
  if (node.kind === "runes") expressions.add(node.expression);
  else if (node.kind === "repeat") collect(node.node, expressions);
  else if (node.kind !== "assertion") for (const part of node.nodes) collect(part, expressions);
}

const nothing: Measure = { positions: 0, steps: 0, entries: 0, exits: 0, isNullable: true, guards: 0 };

/** @param letters into how many the pattern's sets may divide all characters, about */
function measure(node: RegexNode, letters: number): Measure {
  switch (node.kind) {
    case "runes": {
      const entries = isLiteral(node) ? Math.min(letters, node.expression.startsWith("(?i)") ? 4 : 1) : letters;
      return { positions: 1, steps: 0, entries, exits: 1, isNullable: false, guards: 0 };
    }
    case "assertion":
      // At the boundary of a word there are two cases.
      return { ...nothing, positions: 1, isNullable: false, guards: node.assertion.endsWith("Boundary") ? 2 : 1 };
    case "sequence":
      return node.nodes.map((part) => measure(part, letters)).reduce(inSequence, nothing);
    case "choice":
      return node.nodes.map((part) => measure(part, letters)).reduce(inChoice);
    case "repeat":
      return repeated(measure(node.node, letters), node.min, node.max);
  }
}

function emptyWays({ isNullable, guards }: Measure): number {
  return guards + (isNullable ? 1 : 0);
}

function inSequence(a: Measure, b: Measure): Measure {
  const isNullable = a.isNullable && b.isNullable;
  return {
    positions: a.positions + b.positions,
    steps: a.steps + b.steps + a.exits * b.entries,
    entries: a.entries + emptyWays(a) * b.entries,
    exits: b.exits + emptyWays(b) * a.exits,
    isNullable,
    guards: emptyWays(a) * emptyWays(b) - (isNullable ? 1 : 0),
  };
}

function inChoice(a: Measure, b: Measure): Measure {
  return {
    positions: a.positions + b.positions,
    steps: a.steps + b.steps,
    entries: a.entries + b.entries,
    exits: a.exits + b.exits,
    isNullable: a.isNullable || b.isNullable,
    guards: a.guards + b.guards,
  };
}

function repeated(node: Measure, min: number, max: number): Measure {
  const copies = Math.max(min, 1);
  const required = powerOf(min === 0 ? { ...node, isNullable: true } : node, copies);
  if (max !== Number.POSITIVE_INFINITY) return inSequence(required, optionals(node, max - copies));
  return { ...required, steps: required.steps + node.exits * node.entries * (1 + node.guards) };
}

/** Up to so many more, each only behind the one before. */
function optionals(node: Measure, count: number): Measure {
  if (emptyWays(node) > 0) return powerOf({ ...node, isNullable: true }, count);
  const { positions, steps, exits } = powerOf(node, count);
  return {
    positions,
    steps,
    entries: count === 0 ? 0 : node.entries,
    exits: count * exits,
    isNullable: true,
    guards: 0,
  };
}

/** A sequence of this, so many times. */
function powerOf(node: Measure, count: number): Measure {
  if (count === 0) return nothing;
  const half = powerOf(node, Math.floor(count / 2));
  const even = inSequence(half, half);
  return count % 2 === 0 ? even : inSequence(even, node);
}

/**
 * Ranges of characters, each set counted where it is written: the size of the pattern with its sets spelt out. Counts no
 * further than a set beyond the limit.
 */
export function rangeCountOf(node: RegexNode, limit: number): number {
  switch (node.kind) {
    case "runes":
      return runeRanges(node.expression).length;
    case "assertion":
      return 1;
    case "repeat":
      return rangeCountOf(node.node, limit);
    default: {
      let count = 0;
      for (const part of node.nodes) if (count <= limit) count += rangeCountOf(part, limit);
      return count;
    }
  }
}
