/** The hooks around the setting of a relation. */
import type { RelationScope, RelationsSet, SetRelations } from "../event.ts";
import type { OperationContext } from "../operation.ts";
import type { Unit } from "../unit.ts";
import { type Joined, scopeOf } from "./event-scene.ts";

/**
 * Runs `beforeSetRelations`, sets what they have left, and lets `afterSetRelations` run when the commit stands. To be called in the unit of the write.
 * @param context of the model whose relation it is
 * @param apply sets the relation and says what it has set
 * @throws what a hook or `apply` throws
 */
export async function runSetRelations(
  context: OperationContext & { readonly unit: Unit },
  setting: SetRelations,
  apply: (relations: readonly string[]) => Promise<RelationsSet>,
): Promise<void> {
  const { unit, services, model } = context;
  const { before, after } = model.events.relations;
  const joined: Joined = { unit, hasWritten: false };
  const now = unit.time;
  const scope = (within?: Joined): RelationScope => scopeOf(context, now, within);
  try {
    for (const hook of before) await hook(setting, scope(joined));
  } catch (error) {
    if (joined.hasWritten) unit.spoil(error);
    throw error;
  }
  const set = await apply(setting.relations);
  if (after.length === 0) return;
  unit.whenDecided({
    snapshot: undefined,
    async decide(failure) {
      if (failure) return undefined;
      for (const hook of after) {
        try {
          await hook(set, scope());
        } catch (error) {
          services.report(error, `afterSetRelations of ${set.model}`);
        }
      }
      return undefined;
    },
  });
}
