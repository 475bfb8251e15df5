/** Types by name, each with all who have it: the gateway's own first, then services in their order. */
import {
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
  isSpecifiedScalarType,
} from "graphql";
import { directivesOf } from "../service/directives.ts";
import type { Service } from "../service/service.ts";
import { type ServiceType, serviceTypes } from "./service-types.ts";
import { shapeOf, typeText } from "./type-text.ts";

export type Field = GraphQLField<unknown, unknown>;

/** A type as one of those has it who have it. */
export interface Part {
  /** Absent for the gateway's own. */
  readonly of: ServiceType | undefined;
  /** For messages. */
  readonly owner: string;
  readonly type: GraphQLNamedType;
  readonly fields: ReadonlyMap<string, Field>;
  /** The gateway's name of a type that this one refers to. */
  readonly named: (name: string) => string;
}

export type Parts = ReadonlyMap<string, readonly Part[]>;

export const same = (name: string): string => name;

export function partsOf(local: GraphQLSchema, services: readonly Service[]): Parts {
  const parts = new Map<string, Part[]>();
  const add = (name: string, part: Part) => {
    const known = parts.get(name);
    if (known) known.push(part);
    else parts.set(name, [part]);
  };
  for (const type of Object.values(local.getTypeMap())) {
    if (isIntrospectionType(type) || isSpecifiedScalarType(type)) continue;
    add(type.name, { of: undefined, owner: "this gateway", type, fields: ownFields(type), named: same });
  }
  for (const service of services) {
    for (const [name, of] of serviceTypes(service))
      add(name, { of, owner: service.name, type: of.type, fields: of.fields, named: service.names.type });
  }
  return parts;
}

function ownFields(type: GraphQLNamedType): ReadonlyMap<string, Field> {
  return isObjectType(type) || isInterfaceType(type) ? new Map(Object.entries(type.getFields())) : new Map();
}

/** The part whose descriptions are taken: the one that its service calls canonical, else the first that has any. */
export function preferred<Item>(
  items: readonly Item[],
  { isCanonical, isTold }: { isCanonical(item: Item): boolean; isTold(item: Item): boolean },
): Item | undefined {
  return items.find((item) => isCanonical(item) && isTold(item)) ?? items.find(isTold);
}

/** `@canonical` of schema stitching (@graphql-tools/stitching-directives). */
export const isCanonical = (definition: Parameters<typeof directivesOf>[0]): boolean =>
  directivesOf(definition, "canonical").length > 0;

export const rootNames: ReadonlySet<string> = new Set(["Query", "Mutation", "Subscription"]);

/** Everything that cannot be one, with both claimants and what cures it. */
export function conflictsIn(parts: Parts, hasLocalLookUp: (typeName: string) => boolean): readonly string[] {
  return [...parts].flatMap(([name, [first, ...others]]) => {
    if (first === undefined) return [];
    const kinds = others.filter(({ type }) => type.constructor !== first.type.constructor);
    if (kinds.length > 0)
      return kinds.map((other) => clash(name, first, other, `is ${kindOf(first)} here and ${kindOf(other)} there`));
    if (rootNames.has(name)) return [];
    return others.flatMap((other) => [
      ...fieldConflicts(name, [first, other]),
      ...(first.of === undefined ? ownConflicts(name, [first, other], hasLocalLookUp(name)) : []),
    ]);
  });
}

function fieldConflicts(name: string, [first, other]: readonly [Part, Part]): readonly string[] {
  return [...other.fields].flatMap(([fieldName, field]) => {
    const known = first.fields.get(fieldName);
    if (known === undefined) return [];
    const [a, b] = [typeText(known.type, first.named), typeText(field.type, other.named)];
    return shapeOf(a) === shapeOf(b)
      ? []
      : [clash(`${name}.${fieldName}`, first, other, `is ${a} here and ${b} there`)];
  });
}

/** A type of the gateway's own is not to be mixed with one that has its name by chance. */
function ownConflicts(name: string, [own, other]: readonly [Part, Part], isFound: boolean): readonly string[] {
  if (own.fields.size === 0 || isFound || (other.of?.lookUps.length ?? 0) > 0) return [];
  const missing = [...own.fields.keys()].filter((field) => !other.fields.has(field));
  const more = [...other.fields.keys()].filter((field) => !own.fields.has(field));
  if (missing.length === 0 && more.length === 0) return [];
  return [clash(name, own, other, `has other fields there (${[...missing, ...more].slice(0, 5).join(", ")})`)];
}

function clash(name: string, first: Part, other: Part, what: string): string {
  return `${name} of ${first.owner} and of ${other.owner} cannot be one: it ${what}. Give ${other.owner} transforms (prefix, rename, exclude).`;
}

function kindOf({ type }: Part): string {
  return type.constructor.name.replace(/^GraphQL(.*)Type$/, "$1").toLowerCase();
}
