/** What the fields are called that resolve references: `zoneId` → `zone`, `guild_ids` → `guilds`, else `<field>Resource`. */
import type { Field, ObjectType, ReferenceType } from "./field.ts";
import { camelCase, pluralOf, wordsOf } from "./names.ts";

export interface ResolvedField {
  /** That holds the id, or the ids. */
  readonly field: Field;
  readonly name: string;
  readonly reference: ReferenceType;
  readonly isList: boolean;
}

/** Of an object, where its references to models are resolved; a reference to a remote type is not among them. A name that is taken is passed over. */
export function resolvedFieldsOf({ fields }: ObjectType): ResolvedField[] {
  const taken = new Set(fields.keys());
  return [...fields.values()].flatMap((field): ResolvedField[] => {
    const isList = field.type.kind === "list";
    const type = field.type.kind === "list" ? field.type.element.type : field.type;
    if (type.kind !== "reference" || (type.options && "service" in type.options)) return [];
    const name = [resolvedNameOf(field.name, isList), `${field.name}Resource`].find((one) => !taken.has(one));
    if (name === undefined) return [];
    taken.add(name);
    return [{ field, name, reference: type, isList }];
  });
}

function resolvedNameOf(name: string, isList: boolean): string {
  const [, stem] = (isList ? /^(.+?)(?:Ids|_ids)$/ : /^(.+?)(?:Id|_id)$/).exec(name) ?? [];
  if (stem === undefined) return `${name}Resource`;
  return isList ? pluralOf(stem) : camelCase(wordsOf(stem));
}
