/** The arguments of operations: each kind of input has one GraphQL type, and where needed one conversion. */
import type { InputFieldMap, InputRef } from "@pothos/core";
import type { InputField, InputKind, Operation } from "../../../resource/operation.ts";
import type { GraphqlTypes } from "../builder.ts";
import { withoutUnset } from "../inputs/unset-default.ts";
import type { ModelParts } from "../model-parts.ts";
import { offeredTypes } from "../resource/offered.ts";

/** A verb as faces walk it: every operation is asynchronous. */
export type AnyOperation = Operation<never, Promise<unknown>>;
export type Arguments = Readonly<Record<string, unknown>>;

type Scalar = keyof GraphqlTypes["Scalars"];
type ArgumentType = Scalar | InputRef | [Scalar] | [InputRef];
type ArgBuilder = PothosSchemaTypes.ObjectFieldBuilder<GraphqlTypes, unknown>["arg"];

/** @param omitted arguments that the face fills in itself */
export function argumentsOf(
  arg: ArgBuilder,
  operation: AnyOperation,
  { parts, omitted = [] }: { readonly parts: ModelParts; readonly omitted?: readonly string[] },
): InputFieldMap {
  const types = argumentTypes(parts, operation);
  const fields = Object.entries<InputField>(operation.input).filter(
    ([name, { kind }]) => kind !== "relations" && !omitted.includes(name),
  );
  const typed = operation.typed && parts.typed.args(arg, operation.typed.input);
  const named = Object.fromEntries(
    fields.map(([name, { kind, isRequired = false, defaultValue, description }]) => [
      name,
      arg({
        type: types[kind as ArgumentKind],
        required: isRequired,
        ...(description === undefined ? {} : { description }),
        ...(defaultValue === undefined ? {} : { defaultValue: defaultValue as never }),
      }),
    ]),
  );
  return { ...typed, ...named };
}

/** Relations stand in the data. */
type ArgumentKind = Exclude<InputKind, "relations">;

function argumentTypes(
  { fixed, inputs }: ModelParts,
  { action }: AnyOperation,
): Readonly<Record<ArgumentKind, ArgumentType>> {
  return {
    resourceId: "ID",
    revisionId: "ID",
    data: action === "create" ? inputs.data : inputs.update,
    patch: "JSONPatch",
    status: fixed.enums.revisionStatus,
    etag: "String",
    query: fixed.query,
    qb: "String",
    where: inputs.where,
    order: [inputs.order],
    boolean: "Boolean",
    int: "Int",
    cursor: "String",
    text: "String",
    paths: ["String"],
  };
}

/** From arguments to the operation's input. Most operations take their arguments as they are. */
export function inputReader(
  operation: AnyOperation,
  { model, converters, readRelations }: ModelParts,
): (args: Arguments) => object {
  const { create, update } = offeredTypes(model);
  const type = operation.action === "create" ? create : update;
  const convertData = converters(type);
  const hasRelations = "relations" in operation.input;
  const conversions = Object.entries<InputField>(operation.input).flatMap(([name, { kind }]) => {
    if (kind === "data") return [[name, (value: object) => convertData?.(value, []) ?? value] as const];
    return kind === "query" ? [[name, withoutUnset] as const] : [];
  });
  const convertTyped = operation.typed && converters(operation.typed.input);
  if (convertTyped) return (args) => convertTyped(args, []) as object;
  if (conversions.length === 0) return (args) => args;
  return (args) => {
    const input: Record<string, unknown> = { ...args };
    for (const [name, convert] of conversions) {
      const value = args[name];
      if (typeof value === "object" && value !== null) input[name] = convert(value);
    }
    if (hasRelations) input.relations = readRelations(model, type, args.data);
    return input;
  };
}
