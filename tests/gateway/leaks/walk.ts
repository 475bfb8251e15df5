/**
 * Every way to a value, made of the schema itself: each field of each type along each path that is not longer than `maxDepth`, with each of its arguments in turn. A
 * field, a filter or a mutation that is added later is walked without anybody's doing; an argument of a kind that is unknown here stops the test.
 */
import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isAbstractType,
  isEnumType,
  isInputObjectType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
} from "graphql";

/** Texts in GraphQL's syntax, such as `"a"` or `{ eq: 1 }`. */
export type Values = (
  type: GraphQLNamedType,
  place: { readonly name: string; readonly owner: string },
) => readonly string[];

interface Step {
  readonly text: string;
  /** Does its argument say which resources come, rather than what of them? Then a few of their fields tell as much as all. */
  readonly isSearch: boolean;
  /** Is it with an argument that is not needed? One such step a path is enough. */
  readonly isVaried: boolean;
}

export interface WalkOptions {
  readonly schema: GraphQLSchema;
  readonly values: Values;
  readonly maxDepth: number;
}

/** Operations, each of which asks for one leaf by one path. */
export function* walk(root: GraphQLObjectType, options: WalkOptions): Generator<string> {
  for (const path of pathsFrom(root, options, [])) yield path;
}

function* pathsFrom(
  type: GraphQLObjectType,
  options: WalkOptions,
  above: readonly string[],
  isVaried = false,
): Generator<string> {
  for (const field of Object.values(type.getFields())) {
    const place = `${type.name}.${field.name}`;
    if (above.includes(place) || above.length >= options.maxDepth) continue;
    const all = stepsOf(type, field, options).filter((step) => !(isVaried && step.isVaried));
    // What a connection of the root may be asked, one of a resource may be asked too: some of it is asked there.
    const asked = above.length < farDepth ? all : all.filter((step, i) => !step.isSearch || i % farShare === 0);
    for (const step of asked) {
      const below = { above: [...above, place], isVaried: isVaried || step.isVaried };
      let count = 0;
      for (const selection of selectionsOf(field, options, below)) {
        if (step.isSearch && count++ >= fewFields) break;
        yield `${step.text}${selection}`;
      }
    }
  }
}

const fewFields = 2;
const farDepth = 2;
const farShare = 20;
const searching = /^(where|orderBy|query|qb|first|last|after|before|resource|field)$/;

interface Below {
  readonly above: readonly string[];
  readonly isVaried: boolean;
}

function* selectionsOf(
  field: GraphQLField<unknown, unknown>,
  options: WalkOptions,
  { above, isVaried }: Below,
): Generator<string> {
  const named = getNamedType(field.type);
  if (isLeafType(named)) yield "";
  else if (isObjectType(named)) for (const below of pathsFrom(named, options, above, isVaried)) yield ` { ${below} }`;
  else if (isAbstractType(named)) {
    for (const member of options.schema.getPossibleTypes(named))
      for (const below of pathsFrom(member, options, above, isVaried))
        yield ` { __typename ... on ${member.name} { ${below} } }`;
  }
}

const steps = new WeakMap<WalkOptions, Map<object, readonly Step[]>>();

/** Made once, whatever path leads to the field. */
function stepsOf(
  type: GraphQLObjectType,
  field: GraphQLField<unknown, unknown>,
  options: WalkOptions,
): readonly Step[] {
  const known = steps.get(options) ?? new Map<object, readonly Step[]>();
  steps.set(options, known);
  const own = known.get(field) ?? makeSteps(type, field, options);
  known.set(field, own);
  return own;
}

/** The field with what it must be given, and with each of its other arguments alone. */
function makeSteps(type: GraphQLObjectType, field: GraphQLField<unknown, unknown>, options: WalkOptions): Step[] {
  const owner = `${type.name}.${field.name}`;
  const needed = field.args.filter(
    ({ type: argument, defaultValue }) => isNonNullType(argument) && defaultValue === undefined,
  );
  const bases = combinations(needed, (argument) => argumentTexts(argument, owner, options));
  const [first = ""] = bases;
  const steps = bases.map((text, i) => ({ text: call(field.name, text), isVaried: i > 0, isSearch: false }));
  for (const argument of field.args) {
    if (needed.includes(argument)) continue;
    for (const text of argumentTexts(argument, owner, options))
      steps.push({
        text: call(field.name, [first, text].filter(Boolean).join(", ")),
        isVaried: true,
        isSearch: searching.test(argument.name),
      });
  }
  return steps;
}

function call(name: string, args: string): string {
  return args === "" ? name : `${name}(${args})`;
}

function combinations(args: readonly GraphQLArgument[], textsOf: (argument: GraphQLArgument) => string[]): string[] {
  return args.reduce<string[]>(
    (texts, argument) => {
      const own = textsOf(argument);
      return texts.flatMap((text) => own.map((one) => [text, one].filter(Boolean).join(", ")));
    },
    [""],
  );
}

function argumentTexts(argument: GraphQLArgument, owner: string, options: WalkOptions): string[] {
  return inputTexts(argument.type, options, { name: argument.name, owner, depth: 0 }).map(
    (text) => `${argument.name}: ${text}`,
  );
}

interface InputPlace {
  readonly name: string;
  readonly owner: string;
  readonly depth: number;
  readonly within?: readonly string[];
}

const maxInputDepth = 4;

/** Of what an input holds of its own kind, a filter in a filter, and of what lies deep in it: each field once or twice. */
const fewWithin = 2;
const deepInput = 2;

export function inputTexts(type: GraphQLInputType, options: WalkOptions, place: InputPlace): string[] {
  const nullable = getNullableType(type);
  if (isListType(nullable)) return inputTexts(nullable.ofType, options, place).map((text) => `[${text}]`);
  const given = options.values(getNamedType(nullable), place);
  if (given.length > 0) return [...given];
  if (isEnumType(nullable)) return nullable.getValues().map(({ name }) => name);
  if (!isInputObjectType(nullable))
    throw new Error(`The walk knows no values of ${String(type)} for ${place.owner}(${place.name}:)`);
  const within = place.within ?? [];
  if (place.depth >= maxInputDepth || within.filter((name) => name === nullable.name).length > 1) return [];
  const fields = Object.values(nullable.getFields());
  const below = { owner: nullable.name, depth: place.depth + 1, within: [...within, nullable.name] };
  const textsOf = (name: string, inner: GraphQLInputType) => {
    const texts = inputTexts(inner, options, { ...below, name }).map((text) => `${name}: ${text}`);
    return within.includes(nullable.name) || below.depth > deepInput ? texts.slice(0, fewWithin) : texts;
  };
  const needed = fields.filter(({ type: inner, defaultValue }) => isNonNullType(inner) && defaultValue === undefined);
  const base = needed.map((field) => textsOf(field.name, field.type)[0] ?? "");
  const varied = fields.flatMap((field) =>
    textsOf(field.name, field.type).map((text) => [...base.filter((one) => !one.startsWith(`${field.name}:`)), text]),
  );
  return (varied.length > 0 ? varied : [base]).map((texts) => `{ ${texts.join(", ")} }`);
}
