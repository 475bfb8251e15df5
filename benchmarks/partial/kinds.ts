/** What a document is made of, worked out from the document itself, for the rivals that need a schema. */
import type { Json } from "../../src/base/json.ts";
import type { Selection } from "../../src/codec/selection.ts";

export type Kind =
  | "boolean"
  | "int"
  | "double"
  | "string"
  | { readonly list: Kind }
  | { readonly fields: ReadonlyMap<string, Kind> };

/** @param values of one place in the document: at least one, all alike, none null */
export function kindOf(values: readonly Json[]): Kind {
  const [first] = values;
  if (typeof first === "boolean") return "boolean";
  if (typeof first === "string") return "string";
  if (typeof first === "number") return values.every(Number.isInteger) ? "int" : "double";
  if (Array.isArray(first)) return { list: kindOf((values as Json[][]).flat()) };
  if (typeof first !== "object" || first === null) throw new Error("a value of no kind");
  const names = Object.keys(first);
  const fields = names.map((name) => [
    name,
    kindOf(values.map((each) => (each as Record<string, Json>)[name] as Json)),
  ]);
  return { fields: new Map(fields as [string, Kind][]) };
}

/** What is selected; of lists all elements, for no schema picks some. */
export function subset(kind: Kind, selection: Selection): Kind {
  if (selection === "all" || typeof kind === "string") return kind;
  if ("list" in kind) return { list: subset(kind.list, belowOf(selection)) };
  const fields = new Map<string, Kind>();
  for (const [name, field] of kind.fields) {
    const below = selection.kind === "object" ? selection.fields.get(name) : undefined;
    if (below !== undefined) fields.set(name, subset(field, below));
  }
  return { fields };
}

function belowOf(selection: Selection): Selection {
  const first = selection !== "all" && selection.kind === "list" ? selection.parts[0] : undefined;
  return first?.below ?? "all";
}

export function avroSchema(kind: Kind, name: string): unknown {
  if (typeof kind === "string") return kind === "int" ? "long" : kind;
  if ("list" in kind) return { type: "array", items: avroSchema(kind.list, `${name}Element`) };
  const fields = [...kind.fields].map(([field, below]) => ({
    name: field,
    type: avroSchema(below, `${name}_${field}`),
  }));
  return { type: "record", name, fields };
}

/** A message in protobufjs's JSON form; field numbers are places in `whole`, so that a subset keeps them. */
export function protoMessage(kind: Kind, whole: Kind): unknown {
  const nested: Record<string, unknown> = {};
  const fields: Record<string, unknown> = {};
  if (typeof kind === "string" || "list" in kind || typeof whole === "string" || "list" in whole) {
    throw new Error("a message is made of fields");
  }
  const places = [...whole.fields.keys()];
  for (const [name, field] of kind.fields) {
    const isList = typeof field !== "string" && "list" in field;
    const wholeField = whole.fields.get(name) as Kind;
    const element = isList ? field.list : field;
    const wholeElement = typeof wholeField !== "string" && "list" in wholeField ? wholeField.list : wholeField;
    if (typeof element !== "string") nested[`Type_${name}`] = protoMessage(element, wholeElement);
    const type = typeof element !== "string" ? `Type_${name}` : protoScalars[element];
    fields[name] = { type, id: places.indexOf(name) + 1, ...(isList ? { rule: "repeated" } : {}) };
  }
  return { fields, nested };
}

const protoScalars = { boolean: "bool", int: "int32", double: "double", string: "string" } as const;
