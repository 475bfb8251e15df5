/** The verbs that every model has, in the order faces show them. Features add theirs behind. */
import type { Operation } from "./operation.ts";
import { count } from "./operations/count.ts";
import { create } from "./operations/create.ts";
import { delete as deleteOperation } from "./operations/delete.ts";
import { diff } from "./operations/diff.ts";
import { get } from "./operations/get.ts";
import { list } from "./operations/list.ts";
import { modify } from "./operations/modify.ts";
import { page } from "./operations/page.ts";
import { partial } from "./operations/partial.ts";
import { patch } from "./operations/patch.ts";
import { purge } from "./operations/purge.ts";
import { restore } from "./operations/restore.ts";
import { revisions } from "./operations/revisions.ts";
import { switch as switchOperation } from "./operations/switch.ts";
import { update } from "./operations/update.ts";
import { upsert } from "./operations/upsert.ts";

export const verbs = {
  get,
  list,
  count,
  page,
  partial,
  revisions,
  diff,
  create,
  update,
  upsert,
  patch,
  modify,
  switch: switchOperation,
  delete: deleteOperation,
  restore,
  purge,
} as const;

export function operationsByName(...operations: readonly Operation[]): ReadonlyMap<string, Operation> {
  return new Map(operations.map((operation) => [operation.name, operation]));
}
