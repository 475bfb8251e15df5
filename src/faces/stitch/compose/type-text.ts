/** Types as text ("[Product!]!"), in the gateway's names: compared and merged without the types themselves. */
import { type GraphQLType, getNullableType, isListType, isNonNullType } from "graphql";

/** @param name of named types */
export function typeText(type: GraphQLType, name: (remoteName: string) => string): string {
  if (isNonNullType(type)) return `${typeText(getNullableType(type), name)}!`;
  if (isListType(type)) return `[${typeText(type.ofType, name)}]`;
  return name(type.name);
}

/** Lists and names, without what may be null. */
export const shapeOf = (text: string): string => text.replaceAll("!", "");

export const nullable = (text: string): string => (text.endsWith("!") ? text.slice(0, -1) : text);

/** May be null wherever one of both may. Both have the same lists around a name, which may differ. */
export function weaker(one: string, other: string): string {
  const mark = one.endsWith("!") && other.endsWith("!") ? "!" : "";
  const [a, b] = [nullable(one), nullable(other)];
  return a.startsWith("[") && b.startsWith("[") ? `[${weaker(a.slice(1, -1), b.slice(1, -1))}]${mark}` : `${a}${mark}`;
}

/** May be null only where both may: what an input must be for both to take it. */
export function stricter(one: string, other: string): string {
  const mark = one.endsWith("!") || other.endsWith("!") ? "!" : "";
  const [a, b] = [nullable(one), nullable(other)];
  return a.startsWith("[") && b.startsWith("[")
    ? `[${stricter(a.slice(1, -1), b.slice(1, -1))}]${mark}`
    : `${a}${mark}`;
}
