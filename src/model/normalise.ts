/**
 * The pass before Zod: a copy of an input in which JSON's forms of times and big integers are what the schema expects, datetimes are in UTC,
 * and only known keys are left. Reports unknown keys, and datetimes without a zone.
 */
import { isJsonObject } from "../base/json.ts";
import {
  type Content,
  type FreeObjectContent,
  type ObjectContent,
  type Pass,
  type PassMaker,
  passes,
  type UnionContent,
} from "./content.ts";
import { canonicalDatetime, datetimeText } from "./datetime.ts";
import { datetimeProblem, maxBigintDigits } from "./document.ts";
import { type IssueCursor, report } from "./issue-cursor.ts";

type Normaliser = Pass<IssueCursor>;

export function normaliserOf(content: Content): Normaliser {
  return passes(makeNormaliser)(content) ?? ((value) => value);
}

function makeNormaliser(content: Content, below: PassMaker<IssueCursor>): Normaliser | undefined {
  switch (content.kind) {
    case "bigint":
      return content.holds === "bigint" ? toBigint : toSafeNumber;
    case "datetime":
      return (value, at) => toDatetime(value, at, content);
    case "list": {
      const element = below(content.element);
      return element && eachElement(() => element);
    }
    case "tuple": {
      const items = content.items.map(below);
      const rest = content.rest && below(content.rest);
      return eachElement((index) => (index < items.length ? items[index] : rest));
    }
    case "set": {
      const elements = eachElement(always(below(content.element)));
      return (value, at) => (Array.isArray(value) ? new Set(elements(value, at) as unknown[]) : value);
    }
    case "map":
      return toMap([below(content.key), below(content.value)]);
    case "object":
      return knownKeys(content, below);
    case "free object":
      return freeKeys(content, below);
    case "union":
      return memberOf(content, below);
    default:
      return undefined;
  }
}

function always<T>(value: T): () => T {
  return () => value;
}

function eachElement(elementAt: (index: number) => Normaliser | undefined): Normaliser {
  return (value, at) => {
    if (!Array.isArray(value)) return value;
    const copy = new Array(value.length);
    for (let index = 0; index < value.length; index++) copy[index] = step(elementAt(index), value[index], index, at);
    return copy;
  };
}

function step(pass: Normaliser | undefined, value: unknown, key: string | number, at: IssueCursor): unknown {
  if (pass === undefined || value === null || value === undefined) return value;
  at.path.push(key);
  const normalised = pass(value, at);
  at.path.pop();
  return normalised;
}

function toMap(pair: readonly (Normaliser | undefined)[]): Normaliser {
  const pairs = eachElement(() => eachElement((index) => pair[index]));
  return (value, at) => {
    const isPairs = Array.isArray(value) && value.every((entry) => Array.isArray(entry) && entry.length === 2);
    return isPairs ? new Map(pairs(value, at) as [unknown, unknown][]) : value;
  };
}

/** Values that are `undefined` are left out: absent and undefined are one, but where Zod tells them apart. */
function knownKeys({ fields, explicit }: ObjectContent, below: PassMaker<IssueCursor>): Normaliser {
  const known = new Map([...fields].map(([name, field]) => [name, below(field)]));
  // Zod reads fields off the prototype too: a field called `toString` would never be absent.
  const hasInheritedName = [...fields.keys()].some((name) => name in Object.prototype);
  return (value, at) => {
    if (!isRecord(value)) return value;
    const copy: Record<string, unknown> = hasInheritedName ? Object.create(null) : {};
    for (const key of Object.keys(value)) {
      if (!known.has(key)) report(at, "There is no such field", key);
      else if (value[key] !== undefined) copy[key] = step(known.get(key), value[key], key, at);
    }
    for (const name of explicit) {
      if (!Object.hasOwn(copy, name)) copy[name] = undefined;
    }
    return copy;
  };
}

function freeKeys({ fields, rest }: FreeObjectContent, below: PassMaker<IssueCursor>): Normaliser {
  const known = new Map([...fields].map(([name, field]) => [name, below(field)]));
  const others = rest && below(rest);
  return (value, at) => {
    if (!isRecord(value)) return value;
    const copy: Record<string, unknown> = {};
    for (const key of Object.keys(value)) {
      const isKnown = known.has(key);
      if (!isKnown && rest === undefined) report(at, "There is no such field", key);
      else if (key !== "__proto__" && value[key] !== undefined) {
        copy[key] = step(isKnown ? known.get(key) : others, value[key], key, at);
      }
    }
    return copy;
  };
}

function memberOf({ discriminator, members }: UnionContent, below: PassMaker<IssueCursor>): Normaliser {
  const known = new Map([...members].map(([value, member]) => [value, below(member)]));
  return (value, at) => {
    if (!isRecord(value) || !Object.hasOwn(value, discriminator)) return value;
    const member = known.get(String(value[discriminator]));
    return member === undefined ? value : member(value, at);
  };
}

/** Instances of classes count by their own fields; what has an inside of its own does not. */
function isRecord(value: unknown): value is Record<string, unknown> {
  return isJsonObject(value) && !(value instanceof Date || value instanceof Map || value instanceof Set);
}

function toBigint(value: unknown): unknown {
  if (typeof value === "number") return Number.isSafeInteger(value) ? BigInt(value) : value;
  return typeof value === "string" && isDecimal(value) ? BigInt(value) : value;
}

function toSafeNumber(value: unknown): unknown {
  if (typeof value !== "bigint" && !(typeof value === "string" && isDecimal(value))) return value;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

function isDecimal(text: string): boolean {
  return text.length <= maxBigintDigits + 1 && /^-?[0-9]+$/.test(text);
}

function toDatetime(
  value: unknown,
  at: IssueCursor,
  { holds, precision }: Extract<Content, { kind: "datetime" }>,
): unknown {
  if (typeof value === "string") {
    const text = canonicalDatetime(value, precision);
    if (text === undefined) report(at, datetimeProblem);
    else return holds === "Date" ? new Date(text) : text;
  }
  return holds === "string" && value instanceof Date ? datetimeText(value) : value;
}
