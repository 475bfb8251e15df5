/** A model of a gateway: its schema read once, with what gateway and registration say of its behaviour. */

import { systemClock } from "./base/clock.ts";
import { ConfigurationError } from "./base/errors.ts";
import { uuidv7 } from "./base/ids.ts";
import { readOperations } from "./features/custom-operations/read-operations.ts";
import { changesOperation } from "./features/feed/changes.ts";
import { deletePlanOperation } from "./features/references/delete-plan.ts";
import { mustExistHook } from "./features/references/must-exist.ts";
import { relationsHook } from "./features/references/nested-writes.ts";
import { onDeleteHook } from "./features/references/on-delete.ts";
import { referrers } from "./features/references/referrers.ts";
import { type FieldAccess, fieldAccess } from "./features/switches/field-access.ts";
import { switchedOperations } from "./features/switches/switches.ts";
import { uniqueHook } from "./features/unique/unique.ts";
import { defaultUserOf, type GatewayParts } from "./gateway-parts.ts";
import type { createClaims } from "./model/claims.ts";
import { defineModel } from "./model/define.ts";
import type { ModelSchema } from "./model/definition.ts";
import type { RevisionStatus } from "./model/revision.ts";
import type { ModelRegistration } from "./options.ts";
import { createManager } from "./resource/create-manager.ts";
import { eventTableOf } from "./resource/events/event-table.ts";
import type { Hook } from "./resource/hook.ts";
import { defaultLimits, limitsOf } from "./resource/limits.ts";
import type { Operation } from "./resource/operation.ts";
import { joinedChains, type PolicyChains } from "./resource/policy.ts";
import type { Model, ModelSettings } from "./resource/registry.ts";
import { relationsIn } from "./resource/relations.ts";
import { operationsByName, verbs } from "./resource/verbs.ts";

export interface Registration {
  readonly modelName: string;
  readonly schema: ModelSchema;
  readonly registration: ModelRegistration;
  readonly claims: ReturnType<typeof createClaims>;
  /** Of features. */
  readonly hooks: readonly Hook[];
}

export function createModel(
  { options, stores, registry, permissions }: GatewayParts,
  { modelName, schema, registration, claims, hooks }: Registration,
): Model {
  const limits = limitsOf(defaultLimits, options.limits, registration.limits, {
    ...(registration.defaultLimit !== undefined && { defaultLimit: registration.defaultLimit }),
    ...(registration.maxLimit !== undefined && { maxLimit: registration.maxLimit }),
  });
  const changes = changesOperation(async () => (await stores.open()).feed);
  const offered = operationsByName(...Object.values(verbs), deletePlanOperation(registry), referrers, changes);
  let custom: readonly Operation[] = [];
  let access: FieldAccess | undefined;
  const definition = defineModel({
    modelName,
    schema,
    options: { encoding: options.encoding ?? "msgpack", ...registration },
    naming: registration.naming ?? options.naming ?? "kebab",
    maxDataDepth: limits.maxDataDepth,
    claims,
    extend(read, draft) {
      const problems: string[] = [];
      access = fieldAccess(registration, read, { claims: draft, problems });
      const own = { ...read, operations: registration.operations ?? [], taken: new Set(offered.keys()) };
      custom = readOperations({ ...own, maxDataDepth: limits.maxDataDepth }, { claims: draft, problems });
      return problems;
    },
  });
  const settings: ModelSettings = {
    defaultStatus: statusOf(registration.defaultStatus ?? options.defaultStatus ?? "stable"),
    idGenerator: registration.idGenerator ?? options.idGenerator ?? uuidv7,
    defaultUser: defaultUserOf(registration.defaultUser === undefined ? options.defaultUser : registration.defaultUser),
    defaultNow: registration.defaultNow ?? options.defaultNow ?? systemClock,
    limits,
  };
  const model: Model = {
    definition,
    settings,
    policies: [
      options.policies,
      registration.policies,
      permissions.chains(registration.permission),
    ].reduce<PolicyChains>(joinedChains, access?.chains ?? {}),
    ...(access && { offered: access.types }),
    validators: registration.validators ?? [],
    hooks: [...hooks, relationsHook(), onDeleteHook(registry), mustExistHook(), uniqueHook()],
    events: eventTableOf(modelName, [options, registration]),
    manager: (scope) => createManager({ model, services: async () => (await stores.open()).services, ...scope }),
    modelOf: registry.byResourceId,
    modelNamed: registry.byModelName,
    ...switchedOperations(operationsByName(...offered.values(), ...custom), registration),
    relations: relationsIn(registry, () => model),
    relationSwitches: registration,
  };
  return model;
}

function statusOf(name: string): RevisionStatus {
  const status = name.toLowerCase();
  if (status === "stable" || status === "draft") return status;
  throw new ConfigurationError(`defaultStatus must be "stable" or "draft", not ${JSON.stringify(name)}.`);
}
