/** Runs the hooks around the setting of a relation, where there are any. */
import type { RelationsSet } from "./event.ts";
import { runSetRelations } from "./events/set-relations.ts";
import type { OperationContext } from "./operation.ts";
import { type RelationWork, retargeted } from "./relation-input.ts";

/** @param set sets what the hooks have left. @returns how many resources were written for it */
export async function settingRelation(
  context: OperationContext,
  { work, resourceId }: { readonly work: RelationWork; readonly resourceId: string },
  set: (work: RelationWork) => Promise<number>,
): Promise<void> {
  const { unit, model } = context;
  const { before, after } = model.events.relations;
  if (unit === undefined || before.length + after.length === 0) {
    await set(work);
    return;
  }
  const { relation, targets } = work;
  const relations = targets.map((target) => target.resourceId);
  const setting = { id: resourceId, relation: relation.name, relations };
  await runSetRelations({ ...context, unit }, setting, async (ids): Promise<RelationsSet> => {
    const { kind, reference, other } = relation;
    return {
      model: model.definition.modelName,
      relationConf: reference,
      relationType: kind === "one" ? "manyToOne" : reference.isMany ? "manyToMany" : "oneToMany",
      relatedTable: other.definition.modelName,
      relatedField: reference.path,
      updatedDbCount: await set(retargeted(work, ids)),
    };
  });
}
