/**
 * The pass after Zod: its output as a document (see `codec/shape.ts`), in canonical form. Reports what no store can hold, and
 * integers beyond 32 bits. What is not of its content is given back as it is, so that the pass also runs over input that Zod
 * has refused, for its issues.
 */
import type { Json } from "../base/json.ts";
import { isJsonObject } from "../base/json.ts";
import { isByteSource } from "./byte-source.ts";
import {
  type Content,
  type FreeObjectContent,
  type LeafContent,
  type Pass,
  type PassMaker,
  passes,
} from "./content.ts";
import { canonicalDatetime, datetimeText } from "./datetime.ts";
import { sortedKeys, writeFreeJson } from "./free-json.ts";
import { type IssueCursor, report } from "./issue-cursor.ts";
import { isInt32 } from "./scalar-types.ts";
import { textProblem } from "./storable-text.ts";

type Writer = Pass<IssueCursor>;

/** @returns a pass whose result is JSON wherever it reports no issue; undefined for undefined */
export function writerOf(content: Content): (value: unknown, at: IssueCursor) => Json {
  const write = passes(makeWriter)(content);
  return (value, at) => (write === undefined ? value : write(value, at)) as Json;
}

function makeWriter(content: Content, below: PassMaker<IssueCursor>): Writer | undefined {
  switch (content.kind) {
    case "list":
    case "set": {
      const element = below(content.element);
      return listWriter(() => element, content.kind === "list" && content.allowsHoles);
    }
    case "tuple": {
      const items = content.items.map(below);
      const rest = content.rest && below(content.rest);
      return listWriter((index) => (index < items.length ? items[index] : rest));
    }
    case "map": {
      const pair = [below(content.key), below(content.value)];
      const writePair = listWriter((index) => pair[index]);
      return listWriter(() => writePair);
    }
    case "object":
      return objectWriter([...content.fields].map(([name, field]) => [name, below(field)]));
    case "free object":
      return freeObjectWriter(content, below);
    case "union": {
      const members = new Map([...content.members].map(([value, member]) => [value, below(member)]));
      return (value, at) => {
        const chosen = isJsonObject(value) ? members.get(String(value[content.discriminator])) : undefined;
        return (chosen ?? writeFreeJson)(value, at);
      };
    }
    default:
      return leafWriter(content);
  }
}

function listWriter(elementAt: (index: number) => Writer | undefined, allowsHoles = false): Writer {
  return (value, at) => {
    const elements = Array.isArray(value)
      ? value
      : value instanceof Set || value instanceof Map
        ? [...value]
        : undefined;
    if (elements === undefined) return value;
    const written = new Array(elements.length);
    for (let index = 0; index < elements.length; index++) {
      const write = elementAt(index);
      at.path.push(index);
      if (elements[index] === undefined && !allowsHoles) report(at, "An element of a list must not be undefined");
      written[index] = (write === undefined ? elements[index] : write(elements[index], at)) ?? null;
      at.path.pop();
    }
    return written;
  };
}

/** Fields in the schema's order; absent ones stay absent. */
function objectWriter(fields: readonly (readonly [string, Writer | undefined])[]): Writer {
  const names = fields.map(([name]) => name);
  const writers = fields.map(([, write]) => write);
  // A field called `toString` must be the object's own.
  const hasInheritedName = names.some((name) => name in Object.prototype);
  return (value, at) => {
    if (!isJsonObject(value)) return value;
    const written: Record<string, unknown> = {};
    for (let index = 0; index < names.length; index++) {
      const name = names[index] as string;
      const field = value[name];
      if (field === undefined || (hasInheritedName && !Object.hasOwn(value, name))) continue;
      const write = writers[index];
      at.path.push(name);
      written[name] = write === undefined ? field : write(field, at);
      at.path.pop();
    }
    return written;
  };
}

function freeObjectWriter(content: FreeObjectContent, below: PassMaker<IssueCursor>): Writer {
  const fields = new Map([...content.fields].map(([name, field]) => [name, below(field)]));
  const rest = content.rest && below(content.rest);
  return (value, at) => {
    if (!isJsonObject(value)) return value;
    const written: Record<string, unknown> = {};
    for (const key of sortedKeys(value, at)) {
      const write = fields.has(key) ? fields.get(key) : rest;
      at.path.push(key);
      if (value[key] !== undefined) written[key] = write === undefined ? value[key] : write(value[key], at);
      at.path.pop();
    }
    return written;
  };
}

function leafWriter(content: LeafContent): Writer | undefined {
  switch (content.kind) {
    case "boolean":
      return undefined;
    case "text":
      return writeText;
    case "float":
      return writeFloat;
    case "int":
      return writeInt;
    case "bigint":
      return content.holds === "bigint" ? writeBigint : writeFloat;
    case "datetime":
      return writeDatetime;
    case "binary":
      return writeBinary;
    case "json":
      return writeFreeJson;
  }
}

/** Bytes on their way to the blob store are no JSON: they stay as they are, in an object of this document's own. */
const writeBinary: Writer = (value, at) =>
  isJsonObject(value) && isByteSource(value.file) ? { ...value } : writeFreeJson(value, at);

const writeText: Writer = (value, at) => {
  const problem = typeof value === "string" ? textProblem(value) : undefined;
  if (problem !== undefined) report(at, problem);
  return value;
};

/** JSON text has a minus zero, but equal numbers must be equal documents. */
const writeFloat: Writer = (value) => (value === 0 ? 0 : value);

const writeInt: Writer = (value, at) => {
  if (typeof value === "number" && !isInt32(value))
    report(at, "Must be an integer of 32 bits (-2147483648 to 2147483647)");
  return value === 0 ? 0 : value;
};

/** Beyond this, parsing decimal text takes noticeable time; no number of use is as long. */
export const maxBigintDigits = 1000;

const bigintLimit = 10n ** BigInt(maxBigintDigits);

const writeBigint: Writer = (value, at) => {
  if (typeof value !== "bigint") return value;
  if (value >= bigintLimit || value <= -bigintLimit) report(at, `Must have at most ${maxBigintDigits} digits`);
  return value.toString();
};

export const datetimeProblem =
  "Must be an RFC 3339 datetime with a zone, such as 2026-01-31T12:00:00Z, within the years 0000 to 9999";

function writeDatetime(value: unknown, at: IssueCursor): unknown {
  if (!(value instanceof Date) && typeof value !== "string") return value;
  const text = value instanceof Date ? datetimeText(value) : canonicalDatetime(value);
  if (text === undefined) report(at, datetimeProblem);
  return text ?? value;
}
