/**
 * The function that reads one object of a known shape: its fields in storage order, each an `if` that compares the bytes
 * of its key and reads or skips what follows. A field that is absent costs that comparison. Whatever comes otherwise
 * (another order, fields of another schema, a key twice) is left over at the end, and read by the fallback from the start.
 */
import type { StoredField } from "../../storage-order.ts";
import { skipLines } from "./skip-lines.ts";
import { literal, type Source } from "./source.ts";

export interface ObjectPlan {
  readonly fields: readonly StoredField[];
  /** How many fields are wanted that are not in `fields`: documents of other schemas may have them. */
  readonly unknown: number;
  /** Lines that read a field's value at `p` into a variable and move `p`; undefined where it is not wanted. */
  read(field: StoredField, variable: string): readonly string[] | undefined;
  /** All is wanted, so that entries left over are too. The last parameter is then the depth, else whether nothing behind is wanted. */
  readonly isWhole: boolean;
  /** An expression that reads all `count` entries from the cursor on. */
  readonly fallback: string;
}

/** Adds the function (cursor, offset of the first entry, entries, isLast or depth). */
export function emitObject(source: Source, name: string, plan: ObjectPlan): void {
  const { fields, unknown, isWhole, fallback } = plan;
  const parts = fields.map((field, place) => ({ field, variable: `v${place}`, lines: plan.read(field, `v${place}`) }));
  const wanted = parts.filter(({ lines }) => lines !== undefined);
  const hasExit = unknown === 0 && !isWhole;
  const exit = [`if (m === 0 && last) { c.at = p; return ${objectLiteral(wanted)}; }`];
  const body = parts.flatMap((part) => [
    `if (n > 0 && ${keyTest(source, part.field)}) {`,
    `p += ${part.field.key?.length}; n--;`,
    ...(part.lines ? ["m--;", ...part.lines] : skipLines(part.field.shape)),
    ...(hasExit && part === wanted.at(-1) ? exit : []),
    "}",
  ]);
  const giveUp = `{ c.at = start; return ${fallback}; }`;
  source.add([
    `function ${name}(c, p, n, ${isWhole ? "d" : "last"}) {`,
    ...(isWhole ? ["if (d > maxDepth) { c.at = p; return readEntries(c, n, d); }"] : []),
    "const b = c.bytes, w = c.view, end = c.end, start = p, count = n;",
    `let m = ${wanted.length + unknown}, x = 0, y = 0, q = 0${wanted.map(({ variable }) => `, ${variable}`).join("")};`,
    ...(hasExit && wanted.length === 0 ? exit : []),
    ...body,
    ...(hasExit ? [`if (m === 0 && p <= end) { if (n !== 0) p = skip(c, p, n * 2); } else`] : []),
    `if (n !== 0 || p > end) ${giveUp}`,
    "c.at = p;",
    ...(unknown === 0 ? [`if (m === 0) return ${objectLiteral(wanted)};`] : []),
    "const o = {};",
    ...wanted.map(({ field, variable }) => `if (${variable} !== undefined) ${assignment(field.name, variable)};`),
    "return o;",
    "}",
  ]);
}

/** Fields and where their values are. */
type Wanted = readonly { readonly field: StoredField; readonly variable: string }[];

/** A literal gives all results one hidden class; keys in brackets would make it slower, but keep `__proto__` a key like any other. */
export function objectLiteral(wanted: Wanted): string {
  const keyOf = (name: string) => (name === "__proto__" ? '["__proto__"]' : literal(name));
  return `{ ${wanted.map(({ field, variable }) => `${keyOf(field.name)}: ${variable}`).join(", ")} }`;
}

function assignment(name: string, variable: string): string {
  return name === "__proto__" ? `setOwn(o, ${literal(name)}, ${variable})` : `o[${literal(name)}] = ${variable}`;
}

/** An expression that is true where the key lies at `p`. */
export function keyTest(source: Source, { key }: StoredField): string {
  return key === undefined ? "false" : `end - p >= ${key.length} && ${bytesTest(source, key)}`;
}

/** Up to here bytes are compared in place. */
const maxInlineBytes = 40;

/**
 * An expression that is true where these bytes lie at `p`, where there is room for them. Four at a time, the last four
 * overlapping: 1.3 times as fast as byte by byte.
 */
export function bytesTest(source: Source, bytes: Buffer): string {
  const { length } = bytes;
  if (length > maxInlineBytes) return `areBytesAt(b, p, ${source.constant(bytes)})`;
  if (length < 4) return Array.from(bytes, (byte, at) => `b[${offset(at)}] === ${byte}`).join(" && ");
  const starts = Array.from({ length: Math.ceil(length / 4) }, (_, word) => Math.min(word * 4, length - 4));
  return starts.map((at) => `w.getInt32(${offset(at)}, true) === ${bytes.readInt32LE(at)}`).join(" && ");
}

function offset(at: number): string {
  return at === 0 ? "p" : `p + ${at}`;
}
