import { checkQuery } from "../../query/check-query.ts";
import type { ResourceQuery } from "../../query/resource-query.ts";
import type { Operation } from "../operation.ts";
import type { Snapshot } from "../resource.ts";
import { snapshotOf } from "./get.ts";

export interface ListInput {
  readonly query?: ResourceQuery | null;
}

export const list: Operation<ListInput, Promise<Snapshot[]>> = {
  name: "list",
  kind: "read",
  action: "getMany",
  place: "root",
  description: "The resources that satisfy a query, in its order, by offset and limit.",
  input: { query: { kind: "query" } },
  output: "resources",
  async run({ model, services }, { query }) {
    const { condition, sort, limit, offset } = checkQuery(model.definition, query ?? {}, model.settings.limits);
    if (limit === 0) return [];
    const { resourceName } = model.definition;
    const heads = await services.meta.search({ resourceName, condition, sort, limit, offset });
    return heads.map((head) => snapshotOf(model, head));
  },
};
