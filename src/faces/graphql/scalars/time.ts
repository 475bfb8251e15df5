import { Kind, type ValueNode } from "graphql";
import { canonicalDatetime } from "../../../model/datetime.ts";
import type { GraphqlBuilder } from "../builder.ts";
import { refused } from "../coercion-error.ts";

export function addTimeScalars(builder: GraphqlBuilder): void {
  builder.scalarType("DateTime", {
    description:
      "An instant (RFC 3339): date, time and zone, such as 2026-11-21T09:30:00Z. One without a zone is refused.",
    specifiedByURL: "https://www.rfc-editor.org/rfc/rfc3339",
    serialize: (value) => (value instanceof Date ? value.toISOString() : value),
    parseValue: asDatetime,
    parseLiteral: (node) => asDatetime(textOf(node)),
  });
  builder.scalarType("Date", {
    description: "A day of the calendar (RFC 3339, full-date), such as 2026-11-21.",
    specifiedByURL: "https://www.rfc-editor.org/rfc/rfc3339#section-5.6",
    serialize: (value) => value,
    parseValue: asDate,
    parseLiteral: (node) => asDate(textOf(node)),
  });
}

/** As it was given: the model normalises it, with the precision that its schema asks for. */
function asDatetime(value: unknown): string {
  if (typeof value === "string" && canonicalDatetime(value) !== undefined) return value;
  throw refused("DateTime needs RFC 3339 with a zone, such as 2026-11-21T09:30:00Z");
}

function asDate(value: unknown): string {
  if (
    typeof value === "string" &&
    /^\d{4}-\d\d-\d\d$/.test(value) &&
    canonicalDatetime(`${value}T00:00:00Z`) !== undefined
  ) {
    return value;
  }
  throw refused("Date needs a day of the calendar such as 2026-11-21");
}

function textOf(node: ValueNode): string | undefined {
  return node.kind === Kind.STRING ? node.value : undefined;
}
