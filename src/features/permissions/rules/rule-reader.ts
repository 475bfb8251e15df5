/** Reads rules and memberships by subject, all of them: from the index alone, past policies and events. */
import type { JsonObject } from "../../../base/json.ts";
import { allOf, checkWhere, isDeletedOrNot } from "../../../query/check-where.ts";
import { positionOf } from "../../../query/sort.ts";
import type { Model } from "../../../resource/registry.ts";
import type { Services } from "../../../resource/services.ts";
import type { SortPosition } from "../../../stores/meta/meta-store.ts";
import { type AccessRule, everybody, rolePrefix, ruleOf } from "./access-rule.ts";

const pageSize = 500;
const subjectsAtOnce = 500;

/**
 * The indexed data of the living resources about these subjects, by subject. A page is as of its moment: a change between two pages is
 * announced by whoever keeps what was read.
 */
async function readAbout(
  { meta }: Services,
  { definition, settings }: Model,
  subjects: readonly string[],
): Promise<Map<string, JsonObject[]>> {
  const { resourceName } = definition;
  const found = new Map<string, JsonObject[]>(subjects.map((subject) => [subject, []]));
  for (let start = 0; start < subjects.length; start += subjectsAtOnce) {
    const where = { subject: { in: subjects.slice(start, start + subjectsAtOnce) } };
    const condition = allOf([isDeletedOrNot(false), checkWhere(definition, where, settings.limits)]);
    let after: SortPosition | undefined;
    for (;;) {
      const page = { resourceName, condition, sort: [], limit: pageSize, ...(after && { after }) };
      const heads = await meta.search(page);
      for (const { indexedData } of heads) found.get(String(indexedData.subject))?.push(indexedData);
      const last = heads.at(-1);
      if (last === undefined || heads.length < pageSize) break;
      after = positionOf([], last);
    }
  }
  return found;
}

/** Subjects by their distance from an actor: itself, its roles, the roles of these, …, everybody. */
export type SubjectLevels = readonly (readonly string[])[];

/**
 * Roles of roles, level by level; each role counts where it is met first, so that a circle comes to its end.
 * @param roles that the actor has by its claims: those of the first level besides
 */
export async function roleLevels(
  services: Services,
  memberships: Model,
  { actor, roles }: { readonly actor: string | undefined; readonly roles: readonly string[] },
): Promise<SubjectLevels> {
  const levels: string[][] = [];
  const met = new Set<string>();
  let subjects = actor === undefined ? [] : [actor];
  let further = roles.map((role) => rolePrefix + role);
  while (subjects.length > 0 || further.length > 0) {
    levels.push(subjects);
    const found = await readAbout(services, memberships, subjects);
    const next = [...further, ...[...found.values()].flat().map(({ role }) => rolePrefix + String(role))];
    further = [];
    subjects = [...new Set(next)].filter((subject) => !met.has(subject));
    for (const subject of subjects) met.add(subject);
  }
  return [...levels, [everybody]];
}

/** Level by level, as the subjects stand. */
export async function readRules(services: Services, rules: Model, levels: SubjectLevels): Promise<AccessRule[][]> {
  const found = await readAbout(services, rules, [...new Set(levels.flat())]);
  return levels.map((subjects) => subjects.flatMap((subject) => (found.get(subject) ?? []).map(ruleOf)));
}
