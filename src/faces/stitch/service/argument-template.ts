/**
 * Arguments of a look-up, with places for keys: `$key` (one) and `$keys` (many), whole or by path (`$key.id`, `$keys.owner.id`). The
 * stitching directives' `[[$key.id]]` is a list with one element a key, too.
 */
import { type FieldNode, Kind, parse, type ValueNode, valueFromASTUntyped } from "graphql";
import { own, type Read } from "./input-value.ts";

export type Template =
  | { readonly kind: "constant"; readonly value: unknown }
  /** The key, or a part of it. */
  | { readonly kind: "key"; readonly path: readonly string[]; readonly read?: Read | undefined }
  /** All of a key as an object: with its type's name, or only those parts that the input takes. */
  | { readonly kind: "whole"; readonly typename?: string; readonly only?: ReadonlyMap<string, Read | undefined> }
  /** One element a key. */
  | { readonly kind: "each"; readonly element: Template }
  | { readonly kind: "list"; readonly elements: readonly Template[] }
  | { readonly kind: "object"; readonly fields: readonly (readonly [name: string, template: Template])[] };

export interface ArgumentTemplate {
  readonly name: string;
  readonly template: Template;
  /** Of the argument, as the service writes it: "[ID!]!". */
  readonly type: string;
}

export interface NamedTemplate {
  readonly name: string;
  readonly template: Template;
}

export interface FieldTemplate {
  readonly field: string;
  readonly templates: readonly NamedTemplate[];
}

/** "productsByUpc(upcs: $keys)", or a way down: "catalog.products(upcs: $keys).items". @param complain throws */
export function readFields(text: string, complain: (what: string) => never): readonly FieldTemplate[] {
  const fields = stepsOf(text).map((step) => {
    const node = parseField(step) ?? complain(`"${text}" is no field, such as "productsByUpc(upcs: $keys)".`);
    const templates = (node.arguments ?? []).map(({ name, value }) => ({
      name: name.value,
      template: readTemplate(value),
    }));
    return { field: node.name.value, templates };
  });
  if (!fields.some(({ templates }) => templates.some(({ template }) => hasKey(template))))
    complain(`"${text}" takes no $key and no $keys.`);
  return fields;
}

/** Parted at dots that are in no parentheses and no string. */
function stepsOf(text: string): readonly string[] {
  return text.match(/(?:\((?:"(?:\\.|[^"\\])*"|[^()"])*\)|[^.(])+/g) ?? [text];
}

const dot = "__DOT__";

function parseField(text: string): FieldNode | undefined {
  // GraphQL knows no paths in variables.
  const plain = text.replace(/\$([A-Za-z_][\w.]*)/g, (_all, path: string) => `$${path.replaceAll(".", dot)}`);
  try {
    const [definition] = parse(`{ ${plain} }`, { noLocation: true }).definitions;
    if (definition?.kind !== Kind.OPERATION_DEFINITION) return undefined;
    const [field, ...others] = definition.selectionSet.selections;
    return field?.kind === Kind.FIELD && others.length === 0 ? field : undefined;
  } catch {
    return undefined;
  }
}

function readTemplate(node: ValueNode): Template {
  if (node.kind === Kind.VARIABLE) {
    const [root = "", ...path] = node.name.value.split(dot);
    const key: Template = { kind: "key", path };
    return root === "keys" ? { kind: "each", element: key } : key;
  }
  if (node.kind === Kind.LIST) {
    const [only, ...others] = node.values;
    if (only !== undefined && others.length === 0) {
      // [[$key.id]] and [{ id: $keys.id }]: one element a key.
      if (only.kind === Kind.LIST && only.values.length === 1 && only.values[0] !== undefined)
        return { kind: "each", element: withoutEach(readTemplate(only.values[0])) };
      const element = readTemplate(only);
      if (hasEach(element)) return { kind: "each", element: withoutEach(element) };
    }
    return { kind: "list", elements: node.values.map(readTemplate) };
  }
  if (node.kind === Kind.OBJECT) {
    return { kind: "object", fields: node.fields.map(({ name, value }) => [name.value, readTemplate(value)]) };
  }
  return { kind: "constant", value: valueFromASTUntyped(node) };
}

function some(template: Template, is: (one: Template) => boolean): boolean {
  if (is(template)) return true;
  if (template.kind === "each") return some(template.element, is);
  if (template.kind === "list") return template.elements.some((one) => some(one, is));
  return template.kind === "object" && template.fields.some(([, one]) => some(one, is));
}

const hasKey = (template: Template): boolean => some(template, ({ kind }) => kind === "key");
const hasEach = (template: Template): boolean => some(template, ({ kind }) => kind === "each");

function withoutEach(template: Template): Template {
  if (template.kind === "each") return withoutEach(template.element);
  if (template.kind === "list") return { kind: "list", elements: template.elements.map(withoutEach) };
  if (template.kind !== "object") return template;
  return { kind: "object", fields: template.fields.map(([name, one]) => [name, withoutEach(one)]) };
}

/** The value of an argument for keys; where the look-up takes one key, a list of one. */
export function fillIn(template: Template, keys: readonly unknown[]): unknown {
  switch (template.kind) {
    case "constant":
      return template.value;
    case "each": {
      const { element } = template;
      return keys.map((key) => fillIn(element, [key]));
    }
    case "key": {
      const value = template.path.reduce<unknown>(own, keys[0]);
      return template.read ? template.read(value) : value;
    }
    case "whole":
      return wholeOf(keys[0], template);
    case "list":
      return template.elements.map((one) => fillIn(one, keys));
    case "object":
      return Object.fromEntries(template.fields.map(([name, one]) => [name, fillIn(one, keys)]));
  }
}

function wholeOf(key: unknown, { typename, only }: Extract<Template, { kind: "whole" }>): unknown {
  const parts = Object.entries(key as object);
  if (only === undefined) return Object.fromEntries(typename ? [["__typename", typename], ...parts] : parts);
  return Object.fromEntries(
    parts.flatMap(([name, value]) => (only.has(name) ? [[name, only.get(name)?.(value) ?? value]] : [])),
  );
}
