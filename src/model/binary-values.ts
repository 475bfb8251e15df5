/** The pass over a document that replaces the values of `binary()` fields. */
import { isJsonObject, type JsonObject } from "../base/json.ts";
import type { BinaryOptions } from "./binary.ts";
import { type Content, type Pass, type PassMaker, passes, reaches } from "./content.ts";

export interface BinaryReplacement {
  readonly path: (string | number)[];
  readonly replace: BinaryReplacer;
}

/** @param path where the value lies in the document */
export type BinaryReplacer = (
  value: JsonObject,
  path: readonly (string | number)[],
  options: BinaryOptions,
) => JsonObject;

type Replacer = Pass<BinaryReplacement>;

/** Undefined where there are no binary fields. What holds none is shared with the document. */
export function binaryReplacerOf(content: Content): Replacer | undefined {
  return passes(makeReplacer)(content);
}

function makeReplacer(content: Content, below: PassMaker<BinaryReplacement>): Replacer | undefined {
  if (!reaches(content, ({ kind }) => kind === "binary")) return undefined;
  switch (content.kind) {
    case "binary": {
      const { options } = content;
      return (value, { path, replace }) =>
        isJsonObject(value) ? replace(value as JsonObject, [...path], options) : value;
    }
    case "list":
    case "set":
      return eachElement(below(content.element));
    case "map":
      return eachElement(onIndex([below(content.key), below(content.value)], undefined));
    case "tuple":
      return onIndex(content.items.map(below), content.rest && below(content.rest));
    case "object":
      return onFields(content.fields, below);
    case "free object":
      return onFields(content.fields, below, content.rest && below(content.rest));
    case "union": {
      const members = new Map([...content.members].map(([value, member]) => [value, below(member)]));
      return (value, at) => {
        const chosen = isJsonObject(value) ? members.get(String(value[content.discriminator])) : undefined;
        return chosen === undefined ? value : chosen(value, at);
      };
    }
    default:
      return undefined;
  }
}

function eachElement(element: Replacer | undefined): Replacer {
  return onIndex([], element);
}

function onIndex(items: readonly (Replacer | undefined)[], rest: Replacer | undefined): Replacer {
  return (value, at) =>
    Array.isArray(value)
      ? value.map((element, index) => step(index < items.length ? items[index] : rest, element, index, at))
      : value;
}

function onFields(
  fields: ReadonlyMap<string, Content>,
  below: PassMaker<BinaryReplacement>,
  rest?: Replacer,
): Replacer {
  const known = new Map([...fields].map(([name, field]) => [name, below(field)]));
  return (value, at) => {
    if (!isJsonObject(value)) return value;
    const copy: Record<string, unknown> = {};
    for (const key of Object.keys(value)) {
      copy[key] = step(known.has(key) ? known.get(key) : rest, value[key], key, at);
    }
    return copy;
  };
}

function step(pass: Replacer | undefined, value: unknown, key: string | number, at: BinaryReplacement): unknown {
  if (pass === undefined) return value;
  at.path.push(key);
  const replaced = pass(value, at);
  at.path.pop();
  return replaced;
}
