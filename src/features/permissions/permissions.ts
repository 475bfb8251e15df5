/** The permissions of one gateway: its checkers, bound once each, and the models of their rules. */
import { ConfigurationError } from "../../base/errors.ts";
import type { ModelOptions, ModelSchema } from "../../model/definition.ts";
import type { Hook } from "../../resource/hook.ts";
import type { PolicyChains } from "../../resource/policy.ts";
import type { Model } from "../../resource/registry.ts";
import type { Services } from "../../resource/services.ts";
import type { Admins, Checker, PermissionHost, RuleModel } from "./permission.ts";
import { adminTest, permissionChains } from "./permission-chains.ts";
import { rootOnly } from "./plain.ts";
import { rbac } from "./rules/rbac.ts";

export interface PermissionsOptions {
  readonly permission?: Checker | undefined;
  readonly admin?: Admins | undefined;
  readonly services: () => Promise<Services>;
  /** Registers a model. @throws ConfigurationError */
  readonly register: (
    modelName: string,
    schema: ModelSchema,
    options: ModelOptions & { readonly permission: Checker },
    hooks: readonly Hook[],
  ) => Model;
}

export interface Permissions {
  /** Registers the models that the gateway's checker needs: before all others. */
  open(): void;
  /** What a model's policies end with. @param own the model's checker, instead of the gateway's */
  chains(own: Checker | undefined): PolicyChains;
}

export function createPermissions(options: PermissionsOptions): Permissions {
  const { admin, services } = options;
  const isAdmin = adminTest(admin);
  const permission = options.permission ?? (admin === undefined ? undefined : rbac());
  const bindings = new Map<Checker, Checker>();
  const host: PermissionHost = { services, rules: ruleModels(options.register) };

  const bound = (checker: Checker) => {
    const known = bindings.get(checker) ?? checker.bind?.(host) ?? checker;
    bindings.set(checker, known);
    return known;
  };

  return {
    open() {
      if (permission) bound(permission);
    },
    chains(own) {
      const checker = own ?? permission;
      return checker === undefined ? {} : permissionChains(bound(checker), isAdmin);
    },
  };
}

interface Shared extends Pick<RuleModel, "schema" | "permission"> {
  readonly model: Model;
  readonly listeners: (() => void)[];
}

/** Several checkers may read one model's rules. */
function ruleModels(register: PermissionsOptions["register"]): PermissionHost["rules"] {
  const known = new Map<string, Shared>();
  return ({ modelName, schema, options, permission, onChange }) => {
    const shared = known.get(modelName);
    if (shared && shared.schema !== schema)
      throw new ConfigurationError(`Permissions: ${modelName} cannot hold both rules and memberships.`);
    if (shared && shared.permission !== permission)
      throw new ConfigurationError(`Permissions: who may write ${modelName} is said twice, differently.`);
    if (shared) {
      shared.listeners.push(onChange);
      return shared.model;
    }
    const listeners = [onChange];
    const after = () => {
      for (const listener of listeners) listener();
    };
    const model = register(modelName, schema, { ...options, permission: permission ?? rootOnly() }, [
      { name: "permissions", after },
    ]);
    known.set(modelName, { model, schema, permission, listeners });
    return model;
  };
}
