/** Reads enums, literals of strings, and unions of both into enum types. */
import type { EnumType } from "./field.ts";
import type { Started } from "./named-type.ts";
import { enumValueNames } from "./names.ts";
import type { NamedReading } from "./read-context.ts";
import { type AnySchema, defOf, discriminatorOf, unionParts, unwrap } from "./unwrap.ts";

/** Label and stored value. */
export type EnumEntry = readonly [string, string | number];

/** The values of such a schema; undefined where it is anything else. */
export function enumEntriesOf(core: AnySchema): EnumEntry[] | undefined {
  const def = defOf(core);
  if (def.type === "literal") {
    const texts = def.values.filter((value) => value !== null && value !== undefined);
    return texts.every((value) => typeof value === "string") ? texts.map((text): EnumEntry => [text, text]) : undefined;
  }
  if (def.type === "enum") return nativeEntries(def.entries);
  if (def.type !== "union" || discriminatorOf(core) !== undefined) return undefined;
  const options = unionParts(core).options.map((option) => enumEntriesOf(unwrap(option).core));
  return options.every((entries) => entries !== undefined) ? options.flat() : undefined;
}

/** TypeScript's enums of numbers map their values back to their keys: those entries are none. */
function nativeEntries(entries: Readonly<Record<string, string | number>>): EnumEntry[] {
  return Object.entries(entries).filter(
    ([key, value]) => !(typeof value === "string" && entries[value] === Number(key)),
  );
}

export function startEnum(
  entries: readonly EnumEntry[],
  name: string,
  description: string | undefined,
): Started<NamedReading> {
  const unique = new Map(entries.map(([label, value]) => [value, label]));
  const names = enumValueNames([...unique.values()]);
  const values = new Map([...unique.keys()].map((value, index) => [names[index] ?? "", value]));
  const type: EnumType = { kind: "enum", name, description, values };
  return { reading: { type, content: { kind: "text" } }, fill: () => undefined };
}
