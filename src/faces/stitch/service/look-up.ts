/** How objects of a type are found in a service: the key that is handed over, and the root field that takes it. */
import {
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isAbstractType,
  isCompositeType,
  isInterfaceType,
  isListType,
  isObjectType,
  isRequiredArgument,
  Kind,
  parse,
  type SelectionSetNode,
} from "graphql";
import { ConfigurationError } from "../../../base/errors.ts";
import type { MergeOptions } from "../options.ts";
import { type ArgumentTemplate, type FieldTemplate, readFields } from "./argument-template.ts";
import { type KeyForm, settled } from "./input-value.ts";
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
  /** Does it take many keys at once? */
  readonly isMany: boolean;
  /** From a root field down to the one that answers the objects. */
  readonly steps: readonly LookUpStep[];
  /** Named type that is answered: an abstract one needs a type condition. */
  readonly returns: string;
  /** By the gateway's field names: what else has to be handed over for them. */
  readonly computed: ReadonlyMap<string, readonly KeyField[]>;
  /** Are objects answered in the order of the keys, whatever they show of themselves? */
  readonly isOrdered: boolean;
}

export interface LookUpStep {
  /** As the service calls it. */
  readonly field: string;
  readonly arguments: readonly ArgumentTemplate[];
}

export interface LookUpScope {
  readonly service: string;
  readonly schema: GraphQLSchema;
  readonly names: Names;
}

/**
 * For an object type one, for an interface or a union one for each type behind it.
 * @throws ConfigurationError that names the service and the type
 */
export function readLookUps(
  typeName: string,
  options: MergeOptions,
  scope: LookUpScope,
): readonly (readonly [typeName: string, lookUp: LookUp])[] {
  const complain = (what: string): never => {
    throw new ConfigurationError(`stitch "${scope.service}", merge.${typeName}: ${what}`);
  };
  const text = options.many ?? options.one ?? complain('name a root field: many: "productsByUpc(upcs: $keys)".');
  if (options.many !== undefined && options.one !== undefined) complain("give one of many and one.");
  const parts: LookUpParts = {
    key: parseSelection(options.key, complain),
    steps: readFields(text, complain),
    isMany: options.many !== undefined,
    computed: Object.entries(options.computed ?? {}).map(([name, needs]) => [name, parseSelection(needs, complain)]),
    whole: options.computed === undefined ? "value" : "object",
  };
  return foundTypes(typeName, scope).map((type) => [type.name, lookUpOf(type, parts, { ...scope, complain })]);
}

export interface LookUpParts extends Pick<KeyForm, "whole"> {
  readonly key: SelectionSetNode;
  readonly steps: readonly FieldTemplate[];
  readonly isMany: boolean;
  readonly computed: readonly (readonly [field: string, needs: SelectionSetNode])[];
}

/** @param complain throws a ConfigurationError */
export function lookUpOf(
  type: GraphQLObjectType,
  parts: LookUpParts,
  { schema, names, complain }: LookUpScope & { readonly complain: (what: string) => never },
): LookUp {
  const keyFields = (selection: SelectionSetNode) => keyFieldsOf(selection, type, { names, schema, complain });
  const key = keyFields(parts.key);
  const form = { typeName: type.name, leaf: onlyLeaf(key), whole: parts.whole, complain };
  const { steps, answers } = wayDown(parts.steps, schema, form);
  const returned = getNamedType(answers);
  const way = parts.steps.map(({ field }) => field).join(".");
  if (!isCompositeType(returned)) return complain(`${way} returns ${answers}, which has no fields.`);
  const isList = isListType(getNullableType(answers));
  if (isList !== parts.isMany)
    complain(`${way} returns ${answers}: use ${isList ? '"many" for a list' : '"one" for one object'}.`);
  if (!isFoundBy(type, returned, schema)) complain(`${way} returns ${answers}, which is no ${type.name}.`);
  return {
    typeName: type.name,
    key,
    isMany: parts.isMany,
    steps,
    returns: returned.name,
    computed: new Map(parts.computed.map(([name, needs]) => [names.field(type.name, name), keyFields(needs)])),
    isOrdered: false,
  };
}

function isFoundBy(type: GraphQLObjectType, returned: GraphQLNamedType, schema: GraphQLSchema): boolean {
  return returned === type || (isAbstractType(returned) && schema.isSubType(returned, type));
}

/** The fields from Query down, and what the last of them answers. */
function wayDown(
  fields: readonly FieldTemplate[],
  schema: GraphQLSchema,
  form: KeyForm,
): { readonly steps: readonly LookUpStep[]; readonly answers: GraphQLOutputType } {
  const { complain } = form;
  let parent: GraphQLNamedType | null | undefined = schema.getQueryType();
  let answers: GraphQLOutputType | undefined;
  const steps = fields.map(({ field: name, templates }) => {
    if (answers !== undefined && isListType(getNullableType(answers)))
      complain(`"${name}" lies below a list: a way leads through single objects.`);
    const field = isObjectType(parent) ? parent.getFields()[name] : undefined;
    if (field === undefined) return complain(`${parent?.name ?? "Query"} has no field "${name}".`);
    const given = new Set(templates.map((one) => one.name));
    for (const argument of field.args.filter(isRequiredArgument))
      if (!given.has(argument.name)) complain(`${name} needs the argument "${argument.name}".`);
    answers = field.type;
    parent = getNamedType(field.type);
    return {
      field: name,
      arguments: templates.map(({ name: given, template }) => {
        const argument =
          field.args.find((arg) => arg.name === given) ?? complain(`${name} has no argument "${given}".`);
        return { name: given, template: settled(template, argument.type, form), type: `${argument.type}` };
      }),
    };
  });
  return { steps, answers: answers ?? complain("it names no field.") };
}

/** The way to the only value of a key; undefined where it has several. */
export function onlyLeaf([field, ...others]: readonly KeyField[]): readonly string[] | undefined {
  if (field === undefined || others.length > 0) return undefined;
  if (field.below === undefined) return [field.remoteName];
  const rest = onlyLeaf(field.below);
  return rest && [field.remoteName, ...rest];
}

function foundTypes(typeName: string, { schema, service }: LookUpScope): readonly GraphQLObjectType[] {
  const type = schema.getType(typeName);
  if (isObjectType(type)) return [type];
  if (isAbstractType(type)) return schema.getPossibleTypes(type);
  const known = Object.values(schema.getTypeMap()).filter((one) => isObjectType(one) && !one.name.startsWith("__"));
  throw new ConfigurationError(
    `stitch "${service}", merge.${typeName}: the service has no such type with fields. It has ${known.map(({ name }) => name).join(", ")}.`,
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
