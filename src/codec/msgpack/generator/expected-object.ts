/**
 * Lines that read a list's element, an object of scalars, in the form that its shape lets expect: all its fields, in storage
 * order, each in one of its likely forms. One look whether there is room serves several fields, and no entries are counted:
 * 10.8 ns for one of 1,000 objects of three fields, where the function that takes any form needs 21.8, of which its call is
 * 4.5. Whatever is not as expected goes to that function, from the start. For elements only, because a function into
 * which many objects were written would be too large for the engine to optimise.
 */
import type { Shape } from "../../shape.ts";
import type { StoredField } from "../../storage-order.ts";
import { bytesTest, objectLiteral } from "./object.ts";
import type { Source } from "./source.ts";

export interface ExpectedObject {
  readonly fields: readonly StoredField[];
  isWanted(field: StoredField): boolean;
  /** Where the object goes. */
  readonly variable: string;
  /** How deep it lies, an expression. */
  readonly depth: string;
  /** Whether nothing behind it is wanted, an expression: then what lies behind its last field wanted is not looked at. */
  readonly isLast: string;
  /** Lines that read the object at `p` whatever its form. */
  readonly otherwise: readonly string[];
}

/** Lines that read the object at `p` into a variable and move `p`. */
export function expectedObjectLines(source: Source, expected: ExpectedObject): readonly string[] {
  const { fields, isWanted, variable, depth, isLast, otherwise } = expected;
  const isScalars = fields.every(({ shape, key }) => key && shape.kind === "scalar");
  if (fields.length === 0 || fields.length > maxFields || !isScalars) return otherwise;
  const parts = fields.map((field, place) => ({ field, variable: isWanted(field) ? `e${place}` : undefined }));
  const wanted = parts.flatMap(({ field, variable }) => (variable === undefined ? [] : [{ field, variable }]));
  const rooms = roomsOf(fields);
  const lastWanted = wanted.at(-1)?.field;
  const done = `{ ${variable} = ${objectLiteral(wanted)}; break read; }`;
  const lines = parts.flatMap(({ field, variable }, place) => {
    const [room = 0, rest = 0] = [rooms[place], rooms[place + 1]];
    const header = place === 0 ? headerOf(fields.length) : [];
    const key = Buffer.from([...header, ...(field.key ?? [])]);
    const isRoomKnown = place > 0 && !isText(fields[place - 1]?.shape);
    return [
      ...(isRoomKnown ? [] : [`if (end - p < ${room + header.length}) break expected;`]),
      `if (!(${bytesTest(source, key)})) break expected;`,
      `p += ${key.length}; x = b[p];`,
      ...(isText(field.shape) ? textLines(variable) : scalarLines(variable, rest)),
      ...(field === lastWanted && isLast !== "false" ? [`if (${isLast}) ${done}`] : []),
    ];
  });
  return [
    "read: {",
    "const from = p;",
    "expected: {",
    ...(depth === "0" ? [] : [`if (${depth} > maxDepth) break expected;`]),
    ...(wanted.length > 0 ? [`let ${wanted.map(({ variable }) => variable).join(", ")};`] : []),
    ...lines,
    `if (p <= end) ${done}`,
    "}",
    "p = from;",
    ...otherwise,
    "}",
  ];
}

/** Objects of more are rare, and each field takes a dozen lines. */
const maxFields = 32;

/** Of the map, as the encoder writes it. */
function headerOf(entries: number): readonly number[] {
  return entries < 16 ? [0x80 | entries] : [0xde, 0, entries];
}

/** Bytes that have to be there from each field's key on: up to the length of the next text. */
function roomsOf(fields: readonly StoredField[]): readonly number[] {
  const rooms: number[] = [];
  for (let place = fields.length - 1; place >= 0; place--) {
    const { key, shape } = fields[place] as StoredField;
    const value = isText(shape) ? longestLength : longestNumber + (rooms[place + 1] ?? 0);
    rooms[place] = (key?.length ?? 0) + value;
  }
  return rooms;
}

const longestNumber = 9;
const longestLength = 3;

/** A variable that is undefined: the value is skipped. @param rest bytes that have to be there behind it */
function scalarLines(variable: string | undefined, rest: number): readonly string[] {
  const form = (test: string, value: string, size: number) =>
    `if (${test}) { ${variable === undefined ? "" : `${variable} = ${value};`} p += ${size}; } else`;
  const finite = variable === undefined ? "" : ` && (${variable} = w.getFloat64(p + 1)) - ${variable} === 0`;
  return [
    form("x < 128", "x", 1),
    form("x === 205", "w.getUint16(p + 1)", 3),
    // Infinities and NaN are left to be refused by whoever reads any form.
    `if (x === 203${finite}) p += 9; else`,
    form("x === 204", "b[p + 1]", 2),
    form("x === 206", "w.getUint32(p + 1)", 5),
    form("x >= 224", "x - 256", 1),
    form("x === 192", "null", 1),
    form("x === 194 || x === 195", "x === 195", 1),
    // An enum's value, a time: up to 31 bytes that no room was looked for.
    "if (x >= 160 && x < 192) {",
    "q = p + 1; p = q + x - 160;",
    `if (end - p < ${rest}) break expected;`,
    ...(variable === undefined ? [] : [`${variable} = text(b, q, p);`]),
    "} else break expected;",
  ];
}

function textLines(variable: string | undefined): readonly string[] {
  const lines = [
    "if (x >= 160 && x < 192) { q = p + 1; p = q + x - 160; }",
    "else if (x === 217) { q = p + 2; p = q + b[p + 1]; }",
    "else if (x === 218) { q = p + 3; p = q + w.getUint16(p + 1); }",
  ];
  if (variable === undefined) return [...lines, "else if (x === 192) p++;", "else break expected;"];
  return [
    `if (x === 192) { ${variable} = null; p++; }`,
    "else {",
    ...lines,
    "else break expected;",
    "if (p > end) break expected;",
    `${variable} = text(b, q, p);`,
    "}",
  ];
}

function isText(shape: Shape | undefined): boolean {
  return shape?.kind === "scalar" && shape.isText === true;
}
