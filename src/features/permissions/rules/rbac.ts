/** Role-based access control: rules of roles, and roles of actors and of roles. */
import type { Checker } from "../permission.ts";
import { accessRule, roleMembership } from "./access-rule.ts";
import { readRules, roleLevels } from "./rule-reader.ts";
import { type RulesOptions, rulesChecker } from "./rules-checker.ts";

export interface RbacOptions extends RulesOptions {
  /** The model of memberships. @default "RoleMembership" */
  readonly memberships?: string;
}

/**
 * Decides by two models that it registers, `AccessRule` and `RoleMembership`. Rules count by nearness: first those about the actor itself, then those of
 * its roles, of the roles that these are in, and so on, those about everybody last. Of each resource the nearest level that says something decides;
 * within a level as `acl` does: the lowest `order`, and among several of it one that denies. Circles of roles end.
 */
export function rbac(options: RbacOptions = {}): Checker {
  const { model = "AccessRule", memberships = "RoleMembership" } = options;
  return rulesChecker({
    ...options,
    name: "rbac",
    schemas: { [model]: accessRule, [memberships]: roleMembership },
    async read(services, [rules, roles], subject) {
      if (rules === undefined || roles === undefined) return [];
      return readRules(services, rules, await roleLevels(services, roles, subject));
    },
  });
}
