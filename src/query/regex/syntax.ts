/**
 * The structure of a pattern in RE2's syntax, as far as it decides whether a text matches: no captures, no greediness.
 * What a single character may be stays in RE2's words, for RE2 to say which characters these are. Nothing is refused:
 * of a pattern that RE2 refuses, the structure means nothing.
 */
export type RegexNode =
  | { readonly kind: "runes"; readonly expression: string } // one character; flags included, as in `(?i)[a-f]`
  | { readonly kind: "assertion"; readonly assertion: Assertion }
  | { readonly kind: "sequence"; readonly nodes: readonly RegexNode[] } // of none: the empty text
  | { readonly kind: "choice"; readonly nodes: readonly RegexNode[] }
  | { readonly kind: "repeat"; readonly node: RegexNode; readonly min: number; readonly max: number }; // perhaps Infinity

export type Assertion = "textStart" | "textEnd" | "lineStart" | "lineEnd" | "wordBoundary" | "noWordBoundary";

export function parseRegex(pattern: string): RegexNode {
  return parseChoice({ pattern, at: 0, flags: "" });
}

/** The choice of these, as plain as it can be said. */
export function choiceOf(nodes: readonly RegexNode[]): RegexNode {
  const [only] = nodes;
  return only !== undefined && nodes.length === 1 ? only : { kind: "choice", nodes };
}

/** Is it one character, but perhaps for its case? */
export function isLiteral({ expression }: Extract<RegexNode, { kind: "runes" }>): boolean {
  return /^(?:\(\?i\))?\\x\{/.test(expression);
}

interface Scan {
  readonly pattern: string;
  at: number;
  /** Those set here: i (case), m (lines), s (dot takes newlines), U (greediness, of no account). */
  flags: string;
}

const runeEscape = String.raw`\\(?:x\{[^}]*\}|x[^{].|0[0-7]{0,2}|[1-7][0-7]{1,2}|.)`;
const setEscape = String.raw`\\(?:[dDsSwW]|[pP](?:\{[^}]*\}|.))`;
const character = `(?:${runeEscape}|.)`;

const tokens = {
  bar: /\|/y,
  quoted: /\\Q(.*?)(?:\\E|$)/suy,
  /** Numbers with a leading zero make no quantifier. */
  quantifier: /(?:([*+?])|\{(0|[1-9]\d*)(?:(,)(0|[1-9]\d*)?)?\})\??/y,
  flags: /\(\?([imsU]*)(?:-([imsU]*))?([:)])/y,
  open: /\((?:\?P?<[^>]*>)?/y,
  assertion: /\\[AzbB]|[$^]/y,
  escape: new RegExp(`${setEscape}|${runeEscape}`, "suy"),
  classStart: /\[\^?/y,
  classMember: new RegExp(String.raw`\[:.*?:\]|${setEscape}|${character}(?:-(?!\])${character})?`, "suy"),
  classEnd: /\]/y,
  any: /./suy,
};

function take(scan: Scan, token: keyof typeof tokens): RegExpExecArray | null {
  const syntax = tokens[token];
  syntax.lastIndex = scan.at;
  const found = syntax.exec(scan.pattern);
  if (found) scan.at = syntax.lastIndex;
  return found;
}

/** Up to the `)` that closes the group, or the end. Flags set within it end with it. */
function parseChoice(scan: Scan): RegexNode {
  const { flags } = scan;
  const choices: RegexNode[] = [];
  let nodes: RegexNode[] = [];
  while (scan.at < scan.pattern.length && scan.pattern[scan.at] !== ")") {
    if (take(scan, "bar")) {
      choices.push(sequenceOf(nodes));
      nodes = [];
    } else parseItem(scan, nodes);
  }
  scan.flags = flags;
  return choiceOf([...choices, sequenceOf(nodes)]);
}

/** The next node, or a quantifier of the one before. */
function parseItem(scan: Scan, nodes: RegexNode[]): void {
  const quantifier = take(scan, "quantifier");
  const quoted = quantifier ?? take(scan, "quoted");
  const flagged = quoted ?? take(scan, "flags");
  if (quantifier) {
    const last = nodes.pop();
    if (last !== undefined) nodes.push(repeatOf(last, boundsOf(quantifier)));
  } else if (quoted) {
    for (const rune of quoted[1] ?? "") nodes.push(literal(scan, rune));
  } else if (flagged) {
    const outside = scan.flags;
    scan.flags = withFlags(outside, flagged);
    if (flagged[3] === ":") nodes.push(parseGroup(scan, outside));
  } else if (take(scan, "open")) nodes.push(parseGroup(scan, scan.flags));
  else nodes.push(parseAtom(scan));
}

function parseGroup(scan: Scan, outside: string): RegexNode {
  const group = parseChoice(scan);
  scan.at += 1;
  scan.flags = outside;
  return group;
}

function withFlags(flags: string, [, set = "", cleared = ""]: RegExpExecArray): string {
  return [..."ims"].filter((flag) => (flags.includes(flag) || set.includes(flag)) && !cleared.includes(flag)).join("");
}

function parseAtom(scan: Scan): RegexNode {
  const assertion = take(scan, "assertion")?.[0];
  if (assertion !== undefined)
    return { kind: "assertion", assertion: assertionOf(assertion, scan.flags.includes("m")) };
  const start = scan.at;
  if (take(scan, "classStart")) {
    // A `]` is a member where it comes first, is escaped, or ends a range.
    do take(scan, "classMember");
    while (scan.at < scan.pattern.length && !take(scan, "classEnd"));
    return runes(scan, scan.pattern.slice(start, scan.at));
  }
  const escaped = take(scan, "escape")?.[0];
  if (escaped !== undefined) return runes(scan, escaped);
  const rune = take(scan, "any")?.[0] ?? "";
  if (rune === ".") return { kind: "runes", expression: scan.flags.includes("s") ? "(?s)." : "." };
  return literal(scan, rune);
}

function assertionOf(text: string, ofLines: boolean): Assertion {
  switch (text) {
    case "^":
      return ofLines ? "lineStart" : "textStart";
    case "$":
      return ofLines ? "lineEnd" : "textEnd";
    case "\\A":
      return "textStart";
    case "\\z":
      return "textEnd";
    default:
      return text === "\\b" ? "wordBoundary" : "noWordBoundary";
  }
}

function literal(scan: Scan, rune: string): RegexNode {
  return runes(scan, `\\x{${rune.codePointAt(0)?.toString(16)}}`);
}

function runes({ flags }: Scan, expression: string): RegexNode {
  return { kind: "runes", expression: flags.includes("i") ? `(?i)${expression}` : expression };
}

function sequenceOf(nodes: readonly RegexNode[]): RegexNode {
  const [only] = nodes;
  return only !== undefined && nodes.length === 1 ? only : { kind: "sequence", nodes };
}

interface Bounds {
  readonly min: number;
  readonly max: number;
}

function boundsOf([, sign, min, comma, max]: RegExpExecArray): Bounds {
  if (sign !== undefined) return { min: sign === "+" ? 1 : 0, max: sign === "?" ? 1 : Number.POSITIVE_INFINITY };
  return { min: Number(min), max: comma === undefined ? Number(min) : Number(max ?? Number.POSITIVE_INFINITY) };
}

/** Repeats of nothing, and of what is repeated already, are said plainly: stores pay for them otherwise. */
function repeatOf(node: RegexNode, { min, max }: Bounds): RegexNode {
  if (max === 0 || (node.kind === "sequence" && node.nodes.length === 0)) return { kind: "sequence", nodes: [] };
  if (node.kind === "assertion") return min === 0 ? { kind: "sequence", nodes: [] } : node;
  if (node.kind === "repeat" && isSign({ min, max }) && isSign(node)) {
    return { kind: "repeat", node: node.node, min: min * node.min, max: max * node.max };
  }
  return { kind: "repeat", node, min, max };
}

/** Is it `?`, `*` or `+`? */
function isSign({ min, max }: Bounds): boolean {
  return min <= 1 && (max === 1 || max === Number.POSITIVE_INFINITY);
}
