/** Regular expressions of users: RE2's syntax (https://github.com/google/re2/wiki/Syntax), in time linear in the text. */
import { LRUCache } from "lru-cache";
import { RE2JS, RE2JSException } from "re2js";
import { limitExceeded, type Place, queryInvalid } from "../query-error.ts";
import { automatonOf } from "./automaton.ts";
import { costOf, rangeCountOf } from "./cost.ts";
import { createMatcher } from "./matcher.ts";
import { parseRegex, type RegexNode } from "./syntax.ts";

export interface Regex {
  /** Whether the pattern matches anywhere in the text. */
  test(text: string): boolean;
}

/** In UTF-16 units. */
export const maxPatternLength = 1000;

/** They allow `.{1000}`, the most that RE2's braces can say. With more, engines need seconds for a text of 100 KB, … */
const maxPositions = 1100;
/** … and PostgreSQL more than some 20 ms to begin with. */
const maxSteps = 20_000;
/** A dozen sets such as `\pL`. */
const maxRanges = 10_000;

/** Patterns come again with every page and every change of a stream. */
const compiled = new LRUCache<string, Regex>({ max: 32 });

/**
 * @param at where the pattern stands in the query, for the error
 * @throws QUERY_INVALID for a pattern that is none, LIMIT_EXCEEDED for one that is too long or means too large a machine
 */
export function compileRegex(pattern: string, at: Place = []): Regex {
  const known = compiled.get(pattern);
  if (known !== undefined) return known;
  if (pattern.length > maxPatternLength) {
    throw limitExceeded(maxPatternLength, `A regular expression has at most ${maxPatternLength} characters.`, at);
  }
  const node = parseRegex(pattern);
  const { positions, steps } = costOf(node);
  if (positions > maxPositions) throw tooLarge(maxPositions, at);
  // What is beyond counting (NaN) is too large as well.
  if (!(steps <= maxSteps)) throw tooLarge(maxSteps, at);
  const regex = parsed(pattern, node, at);
  compiled.set(pattern, regex);
  return regex;
}

function parsed(pattern: string, node: RegexNode, at: Place): Regex {
  try {
    if (rangeCountOf(node, maxRanges) > maxRanges) throw tooLarge(maxRanges, at);
    // RE2 says what is a pattern; it does not run it: what it learns from texts does not help against texts made for that.
    RE2JS.compile(pattern);
    return createMatcher(automatonOf(node));
  } catch (error) {
    if (error instanceof RE2JSException) throw queryInvalid(at, `This is no regular expression: ${error.message}`);
    throw error;
  }
}

function tooLarge(limit: number, at: Place): Error {
  return limitExceeded(limit, "This regular expression repeats or chooses too much.", at);
}
