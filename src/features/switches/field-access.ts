/**
 * Which fields of a model its API shows and takes. Both sides of it: the types that faces make of the model, and masks in front of all policies,
 * which hold on every path, whatever a face has made.
 */
import type { ClaimDraft } from "../../model/claims.ts";
import type { ObjectType } from "../../model/field.ts";
import { type HiddenFields, hiddenBy } from "../../resource/hidden-fields.ts";
import type { FieldMask, Policy, PolicyChains } from "../../resource/policy.ts";
import type { OfferedTypes } from "../../resource/registry.ts";
import { faultsOfPruning, isSameTree, prunedType, renamedType } from "./pruned-type.ts";
import type { Switches } from "./switches.ts";

/** Dotted paths through objects and lists, for everybody but calls as root. @default all fields */
export interface FieldOptions {
  /** What ever leaves: in answers, filters, orders and `indexedData`. */
  readonly readModel?: readonly string[];
  /** What may be given when a resource is created: `TodoItemInput`. The others need a default, or to be optional. */
  readonly createModel?: readonly string[];
  /** What may be given later: `TodoItemUpdateInput`, where the two differ. The others keep what they hold. `upsert` takes what both allow. */
  readonly updateModel?: readonly string[];
}

export interface FieldAccess {
  readonly types: OfferedTypes;
  /** In front of all others. */
  readonly chains: PolicyChains;
}

interface Reading {
  readonly modelName: string;
  readonly type: ObjectType;
}

/** @param problems gets a sentence for everything that is wrong */
export function fieldAccess(
  options: FieldOptions & Pick<Switches, "disableCreate">,
  { modelName, type }: Reading,
  { claims, problems }: { readonly claims: ClaimDraft; readonly problems: string[] },
): FieldAccess | undefined {
  const { readModel, createModel, updateModel } = options;
  if (!readModel && !createModel && !updateModel) return undefined;
  const hiddenOf = (option: keyof FieldOptions): HiddenFields => {
    const paths = options[option];
    if (paths === undefined) return new Map();
    try {
      const hidden = hiddenBy(type, { only: paths });
      problems.push(...faultsOfPruning(type, hidden, claims).map((fault) => `${option}: ${fault}`));
      return hidden;
    } catch (error) {
      problems.push(`${option}: ${(error as Error).message}`);
      return new Map();
    }
  };
  const [read, create, update] = [hiddenOf("readModel"), hiddenOf("createModel"), hiddenOf("updateModel")];
  if (!options.disableCreate) problems.push(...missingFrom(type, create));
  if (problems.length > 0) return undefined;
  const createType = prunedType(type, create);
  const updateType = isSameTree(create, update)
    ? createType
    : renamedType({ type, pruned: createType, tree: update, earlier: create }, (name) => {
        const claim = { by: `model ${modelName} (its updateModel)`, cure: "{ graphqlName }" };
        const problem = claims.claim("type", `${name}Input`, claim);
        if (problem !== undefined) problems.push(problem);
      });
  return {
    types: { data: prunedType(type, read), create: createType, update: updateType, unread: read },
    chains: chainsOf(options),
  };
}

function chainsOf({ readModel, createModel, updateModel }: FieldOptions): PolicyChains {
  const writes = updateModel && [maskPolicy({ write: { only: updateModel } })];
  return {
    ...(readModel && { universal: [maskPolicy({ read: { only: readModel } })] }),
    ...(createModel && { create: [maskPolicy({ write: { only: createModel } })] }),
    ...(writes && { update: writes, patch: writes, modify: writes }),
  };
}

function maskPolicy(fields: { readonly read?: FieldMask; readonly write?: FieldMask }): Policy {
  const decision = { fields };
  return () => decision;
}

/** Nobody could create anything. */
function missingFrom(type: ObjectType, hidden: HiddenFields, path: readonly string[] = []): string[] {
  return [...hidden].flatMap(([name, below]) => {
    const field = type.fields.get(name);
    const at = [...path, name];
    if (field === undefined) return [];
    if (below === "all")
      return field.isOptional
        ? []
        : [`createModel: leaves out ${at.join(".")}, which has no default and is not optional`];
    return field.type.kind === "object" ? missingFrom(field.type, below, at) : [];
  });
}
