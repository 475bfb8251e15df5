/** How objects of a type are found in a service: the key that is handed over, and the root field that takes it. */
import {
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isCompositeType,
  isInterfaceType,
  isObjectType,
  Kind,
  parse,
  type SelectionSetNode,
} from "graphql";
import { ConfigurationError } from "../../../base/errors.ts";
import type { JsonObject } from "../../../base/json.ts";
import type { MergeOptions } from "../options.ts";
import { type ArgumentTemplate, readArguments, type Template } from "./argument-template.ts";
import type { Names } from "./names.ts";

/** A field of a key, or one that a computed field needs; `below` for those of nested objects. */
export interface KeyField {
  /** As the gateway calls it. */
  readonly name: string;
  /** As the service that takes it calls it. */
  readonly remoteName: string;
  readonly below?: readonly KeyField[] | undefined;
}

export interface LookUp {
  /** Type that is found, as the service calls it. */
  readonly typeName: string;
  readonly key: readonly KeyField[];
  /** Does the root field take many keys at once? */
  readonly isMany: boolean;
  /** Root field, as the service calls it. */
  readonly field: string;
  /** Named type that the root field returns: an abstract one needs a type condition. */
  readonly returns: string;
  readonly arguments: readonly ArgumentTemplate[];
  /** By the gateway's field names: what else has to be handed over for them. */
  readonly computed: ReadonlyMap<string, readonly KeyField[]>;
  /** Are objects handed over with their `__typename`? */
  readonly hasTypename: boolean;
  /** What stands for all of a key: the value of its only field, or an object. */
  whole(key: JsonObject): unknown;
}

export interface LookUpScope {
  readonly service: string;
  readonly schema: GraphQLSchema;
  readonly names: Names;
}

/** @throws ConfigurationError that names the service and the type */
export function readLookUp(typeName: string, options: MergeOptions, scope: LookUpScope): LookUp {
  const type = objectTypeOf(typeName, scope);
  const complain = (what: string): never => {
    throw new ConfigurationError(`stitch "${scope.service}", merge.${typeName}: ${what}`);
  };
  const text = options.many ?? options.one ?? complain('name a root field: many: "productsByUpc(upcs: $keys)".');
  if (options.many !== undefined && options.one !== undefined) complain("give one of many and one.");
  const { field, templates } = readArguments(text, complain);
  return lookUpOf(
    type,
    {
      key: parseSelection(options.key, complain),
      field,
      templates,
      isMany: options.many !== undefined,
      computed: Object.entries(options.computed ?? {}).map(([name, needs]) => [name, parseSelection(needs, complain)]),
    },
    { ...scope, complain },
  );
}

export interface LookUpParts {
  readonly key: SelectionSetNode;
  readonly field: string;
  readonly templates: readonly { readonly name: string; readonly template: Template }[];
  readonly isMany: boolean;
  readonly computed: readonly (readonly [field: string, needs: SelectionSetNode])[];
  readonly hasTypename?: boolean;
  /** Is a key handed over as an object even where it has one field? */
  readonly isObject?: boolean;
}

/** @param complain throws a ConfigurationError */
export function lookUpOf(
  type: GraphQLObjectType,
  parts: LookUpParts,
  { schema, names, complain }: LookUpScope & { readonly complain: (what: string) => never },
): LookUp {
  const root = schema.getQueryType()?.getFields()[parts.field] ?? complain(`Query has no field "${parts.field}".`);
  const needed = root.args.filter(
    ({ type: arg, defaultValue }) => `${arg}`.endsWith("!") && defaultValue === undefined,
  );
  const given = new Set(parts.templates.map(({ name }) => name));
  for (const { name } of needed) if (!given.has(name)) complain(`${parts.field} needs the argument "${name}".`);
  const returned = getNamedType(root.type);
  if (!isCompositeType(returned)) return complain(`${parts.field} returns ${root.type}, which has no fields.`);
  const isList = `${root.type}`.startsWith("[");
  if (isList !== parts.isMany)
    complain(`${parts.field} returns ${root.type}: use ${isList ? '"many" for a list' : '"one" for one object'}.`);
  const keyFields = (selection: SelectionSetNode) => keyFieldsOf(selection, type, { names, schema, complain });
  const key = keyFields(parts.key);
  return {
    typeName: type.name,
    key,
    isMany: parts.isMany,
    field: parts.field,
    returns: returned.name,
    arguments: parts.templates.map(({ name, template }) => {
      const argument =
        root.args.find((arg) => arg.name === name) ?? complain(`${parts.field} has no argument "${name}".`);
      return { name, template, type: `${argument.type}` };
    }),
    computed: new Map(parts.computed.map(([name, needs]) => [names.field(type.name, name), keyFields(needs)])),
    hasTypename: parts.hasTypename ?? false,
    whole: wholeOf(type.name, key, parts),
  };
}

function wholeOf(
  typeName: string,
  fields: readonly KeyField[],
  { hasTypename, isObject }: LookUpParts,
): LookUp["whole"] {
  if (hasTypename) return (key) => ({ __typename: typeName, ...key });
  const path = isObject ? undefined : onlyLeaf(fields);
  if (path === undefined) return (key) => key;
  return (key) => path.reduce<unknown>((value, name) => (value as JsonObject | null | undefined)?.[name], key);
}

/** The way to the only value of a key; undefined where it has several. */
export function onlyLeaf([field, ...others]: readonly KeyField[]): readonly string[] | undefined {
  if (field === undefined || others.length > 0) return undefined;
  if (field.below === undefined) return [field.remoteName];
  const rest = onlyLeaf(field.below);
  return rest && [field.remoteName, ...rest];
}

function objectTypeOf(typeName: string, { schema, service }: LookUpScope): GraphQLObjectType {
  const type = schema.getType(typeName);
  if (isObjectType(type)) return type;
  const known = Object.values(schema.getTypeMap()).filter((one) => isObjectType(one) && !one.name.startsWith("__"));
  throw new ConfigurationError(
    `stitch "${service}", merge.${typeName}: the service has no such object type. It has ${known.map(({ name }) => name).join(", ")}.`,
  );
}

/** "upc", "{ upc }" or "id owner { id }". */
export function parseSelection(text: string, complain: (what: string) => never): SelectionSetNode {
  const trimmed = text.trim();
  try {
    const [definition] = parse(trimmed.startsWith("{") ? trimmed : `{ ${trimmed} }`, { noLocation: true }).definitions;
    if (definition?.kind === Kind.OPERATION_DEFINITION) return definition.selectionSet;
  } catch {
    // Told below.
  }
  return complain(`"${text}" is no selection of fields, such as "upc" or "id owner { id }".`);
}

interface KeyScope {
  readonly names: Names;
  readonly schema: GraphQLSchema;
  readonly complain: (what: string) => never;
}

export function keyFieldsOf(
  { selections }: SelectionSetNode,
  type: GraphQLObjectType,
  scope: KeyScope,
): readonly KeyField[] {
  const { names, complain } = scope;
  return selections.flatMap((node) => {
    if (node.kind === Kind.INLINE_FRAGMENT) return keyFieldsOf(node.selectionSet, type, scope);
    if (node.kind !== Kind.FIELD) return complain("a key has no fragment spreads.");
    const { value: remoteName } = node.name;
    if (remoteName === "__typename") return [];
    const field = type.getFields()[remoteName];
    const name = names.field(type.name, remoteName);
    // What a service takes with a key it need not show.
    if (field === undefined && node.selectionSet === undefined) return [{ name, remoteName }];
    const below = field === undefined ? undefined : getNamedType(field.type);
    if (node.selectionSet === undefined) return [{ name, remoteName }];
    if (isObjectType(below)) return [{ name, remoteName, below: keyFieldsOf(node.selectionSet, below, scope) }];
    if (isInterfaceType(below)) return complain(`"${remoteName}" is an interface: a key takes fields of objects.`);
    return complain(`${type.name} has no field "${remoteName}" with fields below it.`);
  });
}
