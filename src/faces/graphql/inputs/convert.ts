/**
 * From typed inputs, as GraphQL has coerced them, to data as models parse them: `@oneOf` objects become members of their
 * union, null for a field that knows no null counts as absent, and a field that must be there but may be null is null
 * where it is left out, since GraphQL cannot ask for an explicit null.
 */
import { invalid } from "../../../base/errors.ts";
import { isJsonObject } from "../../../base/json.ts";
import type { FieldType, ObjectType, UnionType } from "../../../model/field.ts";
import { enumValueNames } from "../../../model/names.ts";

import { isUnset } from "./unset-default.ts";

type Path = readonly (string | number)[];

/** @throws VALIDATION_FAILED, with the path from the root of the data */
export type Convert = (value: unknown, path: Path) => unknown;

/** The conversion of values of a type; undefined where they stay as they are. */
export type Converters = (type: FieldType) => Convert | undefined;

/** The fields of a union's `@oneOf` input: discriminator value → field name. */
export function choicesOf({ members }: UnionType): ReadonlyMap<string, string> {
  const values = [...members.keys()];
  const names = enumValueNames(values);
  return new Map(values.map((value, i) => [value, names[i] ?? value]));
}

export function createConverters(): Converters {
  const made = new Map<ObjectType | UnionType, Convert>();
  const converterOf: Converters = (type) => {
    switch (type.kind) {
      case "object":
      case "union": {
        const known = made.get(type);
        if (known) return known;
        const convert = type.kind === "object" ? objectConverter(type, converterOf) : unionConverter(type, converterOf);
        made.set(type, convert);
        return convert;
      }
      case "list":
        return listConverter(converterOf(type.element.type));
      case "bigint":
        return type.holds === "number" ? exactNumber : undefined;
      case "binary":
        return binaryInput;
      default:
        return undefined;
    }
  };
  return converterOf;
}

function objectConverter(type: ObjectType, converterOf: Converters): Convert {
  // Looked up at the first value: a recursive type's fields are not converted before it is.
  let converters: ReadonlyMap<string, Convert | undefined> | undefined;
  return (value, path) => {
    if (!isJsonObject(value)) return value;
    converters ??= new Map([...type.fields].map(([name, field]) => [name, converterOf(field.type)]));
    const data: Record<string, unknown> = {};
    for (const [name, field] of type.fields) {
      const given = value[name];
      if (given === undefined || given === null || isUnset(given)) {
        if (given === null ? field.acceptsNull : field.acceptsNull && !field.isOptional) data[name] = null;
        continue;
      }
      const convert = converters.get(name);
      data[name] = convert ? convert(given, [...path, name]) : given;
    }
    return data;
  };
}

function unionConverter(type: UnionType, converterOf: Converters): Convert {
  const { discriminator } = type;
  const values = new Map([...choicesOf(type)].map(([value, name]) => [name, value]));
  return (value, path) => {
    const [[choice, given] = []] = isJsonObject(value) ? Object.entries(value) : [];
    const chosen = choice === undefined ? undefined : values.get(choice);
    const member = chosen === undefined ? undefined : type.members.get(chosen);
    if (member === undefined) throw invalid(path, `Must be one of ${[...values.keys()].join(", ")}`);
    const data = converterOf(member)?.(given, path) as Record<string, unknown>;
    const own = data[discriminator] ?? chosen;
    if (own !== chosen)
      throw invalid([...path, discriminator], `Must be ${chosen}, or left out: ${choice} says so already`);
    return { ...data, [discriminator]: chosen };
  };
}

function listConverter(convert: Convert | undefined): Convert | undefined {
  if (!convert) return undefined;
  return (list, path) => {
    if (!Array.isArray(list)) return list;
    return list.map((element, i) => (element === null ? null : convert(element, [...path, i])));
  };
}

const exactNumber: Convert = (text, path) => {
  const number = Number(text);
  if (Number.isSafeInteger(number)) return number;
  throw invalid(path, "Must be within ±9007199254740991");
};

const binaryInput: Convert = (value) => {
  if (!isJsonObject(value) || !isJsonObject(value.base64)) return value;
  const { data, contentType } = value.base64;
  return { base64: contentType === null || contentType === undefined ? { data } : { data, contentType } };
};
