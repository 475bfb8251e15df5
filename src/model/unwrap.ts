/**
 * Peels what Zod wraps around a schema (optional, nullable, default, lazy, …) and works out from it whether a value may be
 * left out or null, going in and coming out. A union with null or undefined is a wrapper too.
 */
import { z } from "zod";

export type AnySchema = z.core.$ZodType;

/** The definition of a schema as one of Zod's own, told apart by `type`. */
export type SchemaDef = z.core.$ZodTypes["_zod"]["def"];

export function defOf(schema: AnySchema): SchemaDef {
  return (schema as z.core.$ZodTypes)._zod.def;
}

/** The key by which the members of a discriminated union are told apart; undefined for any other schema. */
export function discriminatorOf(schema: AnySchema): string | undefined {
  const def = defOf(schema);
  return def.type === "union" && "discriminator" in def ? String(def.discriminator) : undefined;
}

export interface Unwrapped {
  /** Innermost: no wrapper. */
  readonly core: AnySchema;
  /** The schema itself, the wrappers within it, and the core: outermost first. */
  readonly layers: readonly AnySchema[];
  readonly presence: Presence;
}

export interface Presence {
  /** May it be left out of an input? */
  readonly isOptional: boolean;
  /** Is null an input? */
  readonly acceptsNull: boolean;
  /** May the output lack it? */
  readonly mayBeAbsent: boolean;
  readonly mayBeNull: boolean;
  /** What an absent value becomes, asked anew each time: it may come from a function. */
  readonly defaultValue: (() => unknown) | undefined;
  /** Does `default` or `prefault` fill in for absence? */
  readonly isDefaulted: boolean;
}

const plain: Presence = {
  isOptional: false,
  acceptsNull: false,
  mayBeAbsent: false,
  mayBeNull: false,
  defaultValue: undefined,
  isDefaulted: false,
};

/** Deeper nests of wrappers are endless: a lazy schema that gives itself. */
const maxLayers = 100;

export function unwrap(schema: AnySchema): Unwrapped {
  const layers: AnySchema[] = [schema];
  const effects: ((inner: Presence) => Presence)[] = [];
  for (let layer = peel(schema); layer !== undefined && layers.length < maxLayers; layer = peel(layer.inner)) {
    effects.push(layer.effect);
    layers.push(layer.inner);
  }
  const core = layers[layers.length - 1] ?? schema;
  const presence = effects.reduceRight((inner, effect) => effect(inner), presenceOfCore(core));
  return { core, layers, presence };
}

interface Layer {
  readonly inner: AnySchema;
  readonly effect: (inner: Presence) => Presence;
}

function peel(schema: AnySchema): Layer | undefined {
  const def = defOf(schema);
  switch (def.type) {
    case "optional":
      return {
        inner: def.innerType,
        effect: (inner) => ({ ...inner, isOptional: true, mayBeAbsent: !inner.isDefaulted || inner.mayBeAbsent }),
      };
    case "nullable":
      return { inner: def.innerType, effect: acceptingNull };
    case "default":
      return { inner: def.innerType, effect: (inner) => defaulted(inner, () => def.defaultValue) };
    case "prefault":
      return { inner: def.innerType, effect: (inner) => ({ ...defaulted(inner, undefined), mayBeAbsent: false }) };
    case "catch":
      return { inner: def.innerType, effect: (inner) => ({ ...inner, isOptional: true }) };
    case "nonoptional":
      return {
        inner: def.innerType,
        effect: (inner) => ({ ...defaulted(inner, undefined), isOptional: false, isDefaulted: false }),
      };
    case "readonly":
      return { inner: def.innerType, effect: (inner) => inner };
    case "lazy":
      return { inner: (schema as z.core.$ZodLazy)._zod.innerType, effect: (inner) => inner };
    case "union":
      return discriminatorOf(schema) === undefined ? peelUnion(unionParts(schema)) : undefined;
    default:
      return undefined;
  }
}

function acceptingNull(inner: Presence): Presence {
  return { ...inner, acceptsNull: true, mayBeNull: true };
}

function defaulted(inner: Presence, defaultValue: (() => unknown) | undefined): Presence {
  const value = defaultValue?.();
  return {
    ...inner,
    isOptional: true,
    isDefaulted: true,
    mayBeAbsent: defaultValue !== undefined && value === undefined,
    mayBeNull: inner.mayBeNull || value === null,
    defaultValue,
  };
}

function peelUnion(parts: UnionParts): Layer | undefined {
  const [only, ...others] = parts.options;
  if (only === undefined || others.length > 0) return undefined;
  return {
    inner: only,
    effect: (inner) => {
      const withNull = parts.hasNull ? acceptingNull(inner) : inner;
      return parts.hasUndefined ? { ...withNull, isOptional: true, mayBeAbsent: true } : withNull;
    },
  };
}

export interface UnionParts {
  /** All but null and undefined, plain unions within unions flattened. */
  readonly options: readonly AnySchema[];
  readonly hasNull: boolean;
  readonly hasUndefined: boolean;
}

export function unionParts(union: AnySchema): UnionParts {
  const options: AnySchema[] = [];
  const found = { hasNull: false, hasUndefined: false };
  const collect = (schema: AnySchema): void => {
    const def = defOf(schema);
    const isLeaf =
      def.type !== "union" || discriminatorOf(schema) !== undefined || (schema !== union && hasMetadata(schema));
    if (def.type === "null") found.hasNull = true;
    else if (def.type === "undefined" || def.type === "void") found.hasUndefined = true;
    else if (isLeaf) options.push(schema);
    else for (const option of def.options) collect(option);
  };
  collect(union);
  return { ...found, options };
}

/** A union with metadata of its own (an id, a mark) is not flattened into another. */
function hasMetadata(schema: AnySchema): boolean {
  return z.globalRegistry.get(schema) !== undefined;
}

function presenceOfCore(core: AnySchema): Presence {
  const def = defOf(core);
  switch (def.type) {
    case "any":
    case "unknown":
      return acceptingNull(plain);
    case "literal":
      return {
        ...plain,
        acceptsNull: def.values.includes(null),
        mayBeNull: def.values.includes(null),
        isOptional: def.values.includes(undefined),
        mayBeAbsent: def.values.includes(undefined),
      };
    case "union":
      return discriminatorOf(core) === undefined ? presenceOfUnion(unionParts(core)) : plain;
    case "pipe":
    case "custom":
    case "transform":
      return {
        ...plain,
        acceptsNull: takesNull(core),
        mayBeNull: true,
        isOptional: core._zod.optin !== undefined,
        mayBeAbsent: core._zod.optout !== undefined,
      };
    default:
      return plain;
  }
}

function presenceOfUnion(parts: UnionParts): Presence {
  const options = parts.options.map((option) => unwrap(option).presence);
  return {
    ...plain,
    acceptsNull: parts.hasNull || options.some((option) => option.acceptsNull),
    mayBeNull: parts.hasNull || options.some((option) => option.mayBeNull),
    isOptional: parts.hasUndefined || options.some((option) => option.isOptional),
    mayBeAbsent: parts.hasUndefined || options.some((option) => option.mayBeAbsent),
    isDefaulted: options.some((option) => option.isDefaulted),
  };
}

/** Asked of Zod itself where the schema's code decides. */
function takesNull(schema: AnySchema): boolean {
  try {
    return z.core.safeParse(schema, null).success;
  } catch {
    return true;
  }
}
