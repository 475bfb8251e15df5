/**
 * Defaults that the schema shows but that the operation is not given, so that it can tell "not given" from "given as
 * that" and put its own default there, such as the model's. GraphQL fills defaults in by itself; one in the form of a
 * wrapper object (`new Number(10)`) is printed as its value and recognised when it arrives.
 */
export function unsetDefault<Value extends number | boolean>(value: Value): Value {
  return Object(value);
}

/** An input without the fields that hold such a default. */
export function withoutUnset(input: object): object {
  return Object.fromEntries(
    Object.entries(input).filter(([, value]) => !(value instanceof Number || value instanceof Boolean)),
  );
}
