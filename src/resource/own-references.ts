/** What relation inputs make of a resource's own data: ids, before anything is validated. */
import { invalid } from "../base/errors.ts";
import { getOwn, isJsonObject, type JsonObject } from "../base/json.ts";
import type { RelationWork } from "./relation-input.ts";

/**
 * The data with the ids that its own relations lead to.
 * @param current what the resource holds; null for a new one
 * @throws VALIDATION_FAILED where the data name another target than the relation does
 */
export function withOwnReferences(data: unknown, works: readonly RelationWork[], current: JsonObject | null): unknown {
  if (!isJsonObject(data)) return data;
  const copy: Record<string, unknown> = { ...data };
  for (const { relation, isWhole, targets, removed } of works) {
    const { path } = relation.reference;
    const given = getOwn(data, path);
    const ids = targets.map(({ resourceId }) => resourceId);
    if (relation.kind === "one") {
      if (given !== undefined && given !== null && given !== ids[0])
        throw invalid([path], `Is another than what ${relation.name} leads to: give one of the two`);
      copy[path] = ids[0];
    } else if (relation.kind === "list") {
      const held = given ?? (current === null ? [] : getOwn(current, path));
      const rest = isWhole || !Array.isArray(held) ? [] : held.filter((id) => !removed.includes(id));
      copy[path] = [...new Set([...rest, ...ids])];
    }
  }
  return copy;
}
