/** Relay pages (https://relay.dev/graphql/connections.htm): their arguments, and cursors over a sorted list of heads. */
import { WeftError } from "../base/errors.ts";
import { canonicalDatetime } from "../model/datetime.ts";
import type { Head } from "../model/resource-meta.ts";
import { textProblem } from "../model/storable-text.ts";
import { isOfType, type Scalar } from "./compare.ts";
import type { QueryField, SortKey } from "./condition.ts";
import { checkSize, type QueryLimits } from "./limits.ts";
import { queryInvalid } from "./query-error.ts";
import { positionOf, type SortPosition } from "./sort.ts";

export interface PageArguments {
  readonly first?: number | null;
  readonly after?: string | null;
  readonly last?: number | null;
  readonly before?: string | null;
}

export interface CheckedPage {
  readonly size: number;
  /** Count from the end of the list: `last`. */
  readonly fromEnd: boolean;
  /** Cursors, not decoded. */
  readonly after?: string;
  readonly before?: string;
}

/**
 * @throws QUERY_INVALID where both `first` and `last` are given, or one is negative or no integer; LIMIT_EXCEEDED above `maxLimit`
 */
export function checkPage(page: PageArguments, limits: Pick<QueryLimits, "defaultLimit" | "maxLimit">): CheckedPage {
  const { first, after, last, before } = page;
  const fromEnd = last !== undefined && last !== null;
  if (fromEnd && first !== undefined && first !== null) throw queryInvalid(["last"], "Give first or last, not both.");
  return {
    size: fromEnd ? checkSize(last, limits, ["last"]) : checkSize(first, limits, ["first"]),
    fromEnd,
    ...(typeof after === "string" && { after }),
    ...(typeof before === "string" && { before }),
  };
}

/** As much as a request can bring by default, since a cursor repeats the values that it sorts by; read within milliseconds. */
const maxCursorLength = 1_048_576;

/** The head's place in this order as an opaque text, base64url of a JSON list. It serves this order only. */
export function encodeCursor(sort: readonly SortKey[], head: Head): string {
  const { values, resourceId } = positionOf(sort, head);
  return Buffer.from(JSON.stringify([signatureOf(sort), values, resourceId])).toString("base64url");
}

/**
 * The place that a cursor names. Nothing in it is trusted: whoever forges one gets a place in the list, no more.
 * @throws CURSOR_INVALID where it is malformed, of another order, or holds values of other types
 */
export function decodeCursor(sort: readonly SortKey[], cursor: string): SortPosition {
  const content = parsed(cursor);
  if (!Array.isArray(content) || content.length !== 3) throw new WeftError("CURSOR_INVALID");
  const [signature, values, resourceId] = content as unknown[];
  const isPlace =
    signature === signatureOf(sort) &&
    Array.isArray(values) &&
    values.length === sort.length &&
    sort.every(({ field }, i) => values[i] === null || isSortValue(field, values[i])) &&
    typeof resourceId === "string" &&
    textProblem(resourceId) === undefined;
  if (!isPlace) throw new WeftError("CURSOR_INVALID");
  return { values: values as (Scalar | null)[], resourceId };
}

function signatureOf(sort: readonly SortKey[]): string {
  return sort.map(({ field, direction }) => `${field.source}.${field.path} ${field.type} ${direction}`).join(",");
}

function isSortValue({ source, type }: QueryField, value: unknown): boolean {
  if (typeof value === "number" && !Number.isFinite(value)) return false;
  if (typeof value === "string" && textProblem(value) !== undefined) return false;
  // Times of meta may be instants to a store, not texts.
  if (source === "meta" && type === "time") return typeof value === "string" && canonicalDatetime(value) === value;
  return isOfType(type, value as Scalar);
}

function parsed(cursor: string): unknown {
  if (cursor.length > maxCursorLength) throw new WeftError("CURSOR_INVALID");
  const bytes = Buffer.from(cursor, "base64url");
  // Node decodes leniently: only what encodes back to itself is base64url.
  if (bytes.toString("base64url") !== cursor) throw new WeftError("CURSOR_INVALID");
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    if (nestingOf(text) > 2) throw new WeftError("CURSOR_INVALID");
    return JSON.parse(text);
  } catch (error) {
    throw new WeftError("CURSOR_INVALID", {}, error);
  }
}

/** How deep lists nest in a JSON text, 3 standing for more: parsing would take 60 ms to find half a million open ones. */
function nestingOf(text: string): number {
  let [depth, deepest, isQuoted] = [0, 0, false];
  for (let at = 0; at < text.length && deepest < 3; at++) {
    const character = text[at];
    if (character === '"') isQuoted = !isQuoted;
    else if (isQuoted) at += character === "\\" ? 1 : 0;
    else if (character === "[" || character === "{") deepest = Math.max(deepest, ++depth);
    else if (character === "]" || character === "}") depth--;
  }
  return deepest;
}
