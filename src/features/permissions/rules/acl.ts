/** Access control lists: rules that name an actor, a role of its claims, or everybody. */
import type { Checker } from "../permission.ts";
import { accessRule, everybody, rolePrefix } from "./access-rule.ts";
import { readRules } from "./rule-reader.ts";
import { type RulesOptions, rulesChecker } from "./rules-checker.ts";

/**
 * Decides by the resources of a model, `AccessRule`, which it registers: those about the actor, its roles and everybody count alike. Of each
 * resource the rule of the lowest `order` decides, and among several of it one that denies. Deleted rules do not count; drafts do.
 */
export function acl(options: RulesOptions = {}): Checker {
  const { model = "AccessRule" } = options;
  return rulesChecker({
    ...options,
    name: "acl",
    schemas: { [model]: accessRule },
    async read(services, [rules], { actor, roles }) {
      if (rules === undefined) return [];
      const own = actor === undefined ? [] : [actor];
      return readRules(services, rules, [[...own, ...roles.map((role) => rolePrefix + role), everybody]]);
    },
  });
}
