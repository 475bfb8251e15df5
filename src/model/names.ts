/** The rules by which one model name becomes a resource name, GraphQL type names and root fields (CONTRACT §2). */
import { ConfigurationError } from "../base/errors.ts";
import type { Naming } from "./definition.ts";

/**
 * The words of a name, lower case: an acronym is one word, digits stay with what stands before them, accents go.
 * `HTTPServer2` → `http`, `server2`.
 */
export function wordsOf(name: string): string[] {
  return withoutAccents(name)
    .replace(/([A-Z]+)([A-Z][a-z])/g, "$1 $2")
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .split(/[^A-Za-z0-9]+/)
    .filter((word) => word !== "")
    .map((word) => word.toLowerCase());
}

export function pascalCase(words: readonly string[]): string {
  return words.map(capitalise).join("");
}

export function camelCase(words: readonly string[]): string {
  const [first = "", ...rest] = words;
  return first + pascalCase(rest);
}

export function capitalise(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

/** What no accent makes of ASCII: `ß`, `ø`, `日`. */
const foreignLetter = /[^\0-\x7f]/;

function withoutAccents(text: string): string {
  return text.normalize("NFKD").replace(/\p{M}/gu, "");
}

/** @throws ConfigurationError where the rule gives no resource name, 1 to 64 of A-Z a-z 0-9 _ -, or would leave letters out */
export function resourceNameOf(modelName: string, naming: Naming): string {
  if (typeof naming === "string" && !Object.hasOwn(namingRules, naming)) {
    throw new ConfigurationError(
      `naming: ${JSON.stringify(naming)} is no rule. Use ${Object.keys(namingRules).join(", ")} or a function.`,
    );
  }
  const isLossy = typeof naming === "string" && foreignLetter.test(withoutAccents(modelName));
  const name = typeof naming === "function" ? naming(modelName) : namingRules[naming](modelName);
  if (typeof name === "string" && /^[A-Za-z0-9_-]{1,64}$/.test(name) && !isLossy) return name;
  throw new ConfigurationError(
    `The resource name of model ${modelName} would be ${JSON.stringify(name)}: it must be 1 to 64 of the characters A-Z a-z 0-9 _ -, and leave no letter out. Set { name }.`,
  );
}

const namingRules: Record<Exclude<Naming, (modelName: string) => string>, (modelName: string) => string> = {
  same: (modelName) => modelName,
  pascal: (modelName) => pascalCase(wordsOf(modelName)),
  camel: (modelName) => camelCase(wordsOf(modelName)),
  snake: (modelName) => wordsOf(modelName).join("_"),
  kebab: (modelName) => wordsOf(modelName).join("-"),
};

/** A name a user may give to a type, a field or an enum value (GraphQL §2.1.9; names with `__` are introspection's). */
export function isGraphqlName(name: string): boolean {
  return /^(?!__)[_A-Za-z][_0-9A-Za-z]*$/.test(name);
}

/** The model's name as it is where it is a type name already, else its words in Pascal case: `todo-item` → `TodoItem`. */
export function graphqlNameOf(modelName: string): string {
  return /^[A-Z][_0-9A-Za-z]*$/.test(modelName) ? modelName : pascalCase(wordsOf(modelName));
}

/** The plural of a name by rule, in camel case: `TodoItem` → `todoItems`, `Category` → `categories`, `Box` → `boxes`. */
export function pluralOf(name: string): string {
  const words = wordsOf(name);
  const last = words.pop() ?? "";
  return camelCase([...words, pluralWord(last)]);
}

function pluralWord(word: string): string {
  if (/(?:s|x|z|ch|sh)$/.test(word)) return `${word}es`;
  if (/[^aeiou]y$/.test(word)) return `${word.slice(0, -1)}ies`;
  return `${word}s`;
}

/**
 * Valid GraphQL enum-value names (§2.9.6) for arbitrary strings, in their order and unique. What is valid stays as it is;
 * else accents go, other characters become `_`, and a text of nothing else becomes its code points: `+` → `U2B`.
 */
export function enumValueNames(texts: readonly string[]): string[] {
  const taken = new Set(texts.filter(isEnumValueName));
  return texts.map((text) => {
    if (isEnumValueName(text)) return text;
    const wanted = enumValueName(text);
    let name = wanted;
    for (let n = 2; taken.has(name); n++) name = `${wanted}_${n}`;
    taken.add(name);
    return name;
  });
}

function isEnumValueName(text: string): boolean {
  return isGraphqlName(text) && text !== "true" && text !== "false" && text !== "null";
}

function enumValueName(text: string): string {
  if (text === "") return "EMPTY";
  const name = withoutAccents(text).replace(/[^0-9A-Za-z]+/g, "_");
  if (/^_*$/.test(name))
    return Array.from(text, (char) => `U${char.codePointAt(0)?.toString(16).toUpperCase()}`).join("_");
  if (isEnumValueName(name)) return name;
  return /^[0-9]/.test(name) ? `_${name}` : `${name}_`;
}

/** A part of a type name made from a field's name or a discriminator's value: `first_name` → `FirstName`. */
export function typeNamePart(text: string): string {
  const words = wordsOf(text);
  return words.length > 0 ? pascalCase(words) : capitalise(enumValueNames([text])[0] ?? "");
}
