import { Kind, type ValueNode } from "graphql";
import type { GraphqlBuilder } from "../builder.ts";
import { refused } from "../coercion-error.ts";

/** The digits that a document could hold anyway; longer ones cost quadratic time to read. */
const maxDigits = 1000;

export function addBigIntScalar(builder: GraphqlBuilder): void {
  builder.scalarType("BigInt", {
    description:
      'An integer of any size, as text: "9007199254740993". In input, a number will do as long as it is exact.',
    serialize: String,
    parseValue: asDecimal,
    parseLiteral: (node) => asDecimal(textOf(node)),
  });
}

function asDecimal(value: unknown): string {
  if (typeof value === "number" && Number.isSafeInteger(value)) return String(value === 0 ? 0 : value);
  if (typeof value === "bigint") return String(value);
  if (typeof value === "string" && /^-?[0-9]+$/.test(value) && value.length <= maxDigits) return String(BigInt(value));
  throw refused("BigInt needs an integer: decimal text, or a number no greater than 9007199254740991");
}

function textOf(node: ValueNode): string | undefined {
  return node.kind === Kind.STRING || node.kind === Kind.INT ? node.value : undefined;
}
