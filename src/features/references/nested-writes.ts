/** Carries out relation inputs in the unit of the write that they came with: what it refers to before it, what refers to it behind it. A hook of every model. */
import { invalid } from "../../base/errors.ts";
import { getOwn, isJsonObject } from "../../base/json.ts";
import { isDeletedOrNot } from "../../query/check-where.ts";
import { authorize } from "../../resource/authorize.ts";
import { execute, executeWithin } from "../../resource/execute.ts";
import { grantedCondition } from "../../resource/granted.ts";
import type { Hook } from "../../resource/hook.ts";
import type { OperationContext } from "../../resource/operation.ts";
import { get } from "../../resource/operations/get.ts";
import { settingRelation } from "../../resource/relation-hooks.ts";
import type { RelationTarget, RelationWork } from "../../resource/relation-input.ts";
import { verbs } from "../../resource/verbs.ts";
import { relink } from "./relink.ts";

export function relationsHook(): Hook {
  return { name: "relations", writeReferred, writeReferring };
}

/** Those that the resource refers to: made, changed, or looked at, since what the actor may not see it cannot connect either. */
async function writeReferred(context: OperationContext, works: readonly RelationWork[]): Promise<void> {
  for (const { relation, targets } of works) {
    if (relation.kind === "reverse") continue;
    for (const target of targets) {
      if (target.write) await writeTarget({ ...context, model: relation.other }, target, {});
      else if (!context.unit?.writes.has(target.resourceId))
        await executeWithin({ ...context, model: relation.other }, get, { resourceId: target.resourceId });
    }
  }
}

/** Those that refer to the resource. */
async function writeReferring(
  context: OperationContext,
  works: readonly RelationWork[],
  resourceId: string,
): Promise<void> {
  for (const work of works)
    if (work.relation.kind === "reverse")
      await settingRelation(context, { work, resourceId }, (settled) => relinkAll(context, settled, resourceId));
}

async function relinkAll(context: OperationContext, work: RelationWork, resourceId: string): Promise<number> {
  const { other, reference: field, name } = work.relation;
  const there = { ...context, model: other };
  const kept = new Set(work.targets.map((target) => target.resourceId));
  const left = new Set([...(work.isWhole ? await referringNow(there, work, resourceId) : []), ...work.removed]);
  const leaving = [...left].filter((id) => !kept.has(id));
  const ids = new Set([resourceId]);
  for (const id of leaving) {
    if (field.clears === undefined)
      throw invalid([name], `${id} cannot be without ${field.path}: give it another, or delete it`);
    await execute(there, relink, { resourceId: id, clears: [{ field, ids }] });
  }
  for (const target of work.targets) {
    if (target.write) await writeTarget(there, target, { path: field.path, isMany: field.isMany, resourceId });
    else await execute(there, relink, { resourceId: target.resourceId, clears: [], link: { field, id: resourceId } });
  }
  return leaving.length + work.targets.length;
}

/** As far as the actor sees them: others stay as they are. */
async function referringNow(
  there: OperationContext,
  { relation }: RelationWork,
  resourceId: string,
): Promise<string[]> {
  const { resourceName, field } = relation;
  const { maxCascade } = there.model.settings.limits;
  const { grant } = await authorize(there, ["getMany"], {});
  const condition = grantedCondition({ ...there, grant }, isDeletedOrNot(false), []);
  const query = { resourceName, condition, by: field, sort: [], limit: maxCascade };
  const [heads = []] = await there.services.meta.referringPages([resourceId], query);
  there.unit?.learn(heads);
  return heads.map((head) => head.resourceId);
}

interface BackReference {
  readonly path?: string;
  readonly isMany?: boolean;
  readonly resourceId?: string;
}

async function writeTarget(
  there: OperationContext,
  { resourceId, write }: RelationTarget,
  { path, isMany, resourceId: parentId }: BackReference,
): Promise<void> {
  if (write === undefined) return;
  const { verb, input } = write;
  const { relations, ifMatch } = input;
  const data =
    path === undefined
      ? input.data
      : withBackReference(input.data, { path, isMany: isMany ?? false, id: parentId ?? "" });
  if (verb === "create") await execute(there, verbs.create, { data, resourceId, relations: relations ?? null });
  else await execute(there, verbs.update, { data, resourceId, relations: relations ?? null, ifMatch: ifMatch ?? null });
}

function withBackReference(
  data: unknown,
  { path, isMany, id }: { readonly path: string; readonly isMany: boolean; readonly id: string },
): unknown {
  if (!isJsonObject(data)) return data;
  const given = getOwn(data, path);
  if (isMany) return { ...data, [path]: [...new Set([...(Array.isArray(given) ? given : []), id])] };
  if (given !== undefined && given !== null && given !== id) throw invalid([path], `Must be ${id}, or left out`);
  return { ...data, [path]: id };
}
