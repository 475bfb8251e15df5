/** Random patterns in RE2's syntax, and short texts that they have a fair chance to match. */
import fc from "fast-check";

/** Characters that are equal to others but for their case, in more ways than two; newlines; beyond 16 bits. */
const runes = [..."abkKsSßẞſKİiıµΣςσéÉ_09-] \n\t", "\u{1f600}", "\u{10400}", "\u{10428}", "\u2028", "\u00a0"];

const rune = fc.constantFrom(...runes);

const literal = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(..."abkKsS019_ -") },
  rune.map((text) => text.replace(/[\]\\^]/u, "\\$&")),
  rune.map((text) => `\\x{${text.codePointAt(0)?.toString(16)}}`),
  fc.constantFrom("\\n", "\\t", "\\.", "\\*", "\\141", "\\0", "\\x4B", "\\Qa.b*\\E", "{", "}", "a{,2}", "a{02}"),
);

const set = fc.constantFrom(
  ...[
    "\\d",
    "\\D",
    "\\w",
    "\\W",
    "\\s",
    "\\S",
    "\\pL",
    "\\PL",
    "\\p{Lu}",
    "\\p{Greek}",
    "\\P{^Latin}",
    "\\pN",
    "\\p{Any}",
  ],
);

const member = fc.oneof(
  { weight: 3, arbitrary: rune.map((text) => text.replace(/[\]\\^-]/u, "\\$&")) },
  set,
  fc.constantFrom("a-z", "k-s", "A-\u{10428}", "[:alpha:]", "[:^space:]", "[:word:]", "+-[", "\\x00-\\x{ffff}", "["),
);

const bracket = fc
  .tuple(
    fc.constantFrom("", "^"),
    fc.constantFrom("", "", "]"),
    fc.array(member, { minLength: 1, maxLength: 4 }),
    fc.constantFrom("", "-"),
  )
  .map(([negation, first, members, last]) => `[${negation}${first}${members.join("")}${last}]`);

const quantifier = fc.constantFrom(
  ...[
    "*",
    "+",
    "?",
    "*?",
    "+?",
    "??",
    "{2}",
    "{0}",
    "{1,}",
    "{2,3}",
    "{0,1}?",
    "{0,2}",
    "{3,}",
    "{256}",
    "{0,300}",
    "{257,}",
  ],
);

const flags = fc.constantFrom("i", "s", "m", "U", "im", "-i", "is-m", "i-s", "-m");

export const patterns: fc.Arbitrary<string> = fc.letrec<{ pattern: string; item: string; group: string }>((tie) => ({
  pattern: fc
    .array(fc.array(tie("item"), { maxLength: 4 }), { minLength: 1, maxLength: 3 })
    .map((choices) => choices.map((items) => items.join("")).join("|")),
  item: fc.oneof(
    { maxDepth: 4 },
    { weight: 5, arbitrary: literal },
    { weight: 2, arbitrary: fc.oneof(set, bracket, fc.constant(".")) },
    { weight: 2, arbitrary: fc.constantFrom("^", "$", "\\A", "\\z", "\\b", "\\B", "\\Q\\E") },
    { weight: 1, arbitrary: flags.map((flag) => `(?${flag})`) },
    { weight: 3, arbitrary: tie("group") },
    {
      weight: 3,
      arbitrary: fc.tuple(fc.oneof(literal, set, bracket, tie("group")), quantifier).map((parts) => parts.join("")),
    },
  ),
  group: fc
    .tuple(
      fc.oneof(
        fc.constantFrom("(", "(?:"),
        flags.map((flag) => `(?${flag}:`),
      ),
      tie("pattern"),
    )
    .map(([opening, pattern]) => `${opening}${pattern})`),
})).pattern;

export const texts: fc.Arbitrary<string> = fc.oneof(
  fc.array(rune, { maxLength: 8 }).map((some) => some.join("")),
  fc.tuple(rune, fc.integer({ min: 250, max: 520 })).map(([text, count]) => text.repeat(count)),
);
