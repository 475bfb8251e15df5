import { type GraphQLSchema, isEnumType } from "graphql";

/**
 * Defaults that the schema shows but that the operation is not given, so that it can tell "not given" from "given as
 * that" and put its own default there, such as the model's. GraphQL fills defaults in by itself; one in the form of a
 * wrapper object (`new Number(10)`) is printed as its value and recognised when it arrives.
 */
export function unsetDefault<Value extends number | boolean | string>(value: Value): Value {
  return Object(value);
}

export function isUnset(value: unknown): boolean {
  if (typeof value !== "object") return false;
  return value instanceof Number || value instanceof Boolean || value instanceof String;
}

/** An input without the fields that hold such a default. */
export function withoutUnset(input: object): object {
  return Object.fromEntries(Object.entries(input).filter(([, value]) => !isUnset(value)));
}

/** Enums look their values up, and would not find a wrapper. */
export function printUnsetEnums(schema: GraphQLSchema): void {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isEnumType(type)) continue;
    const serialize = type.serialize.bind(type);
    type.serialize = (value) => serialize(isUnset(value) ? (value as object).valueOf() : value);
  }
}
