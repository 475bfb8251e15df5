import { checkQuery } from "../../query/check-query.ts";
import type { Operation } from "../operation.ts";
import type { ListInput } from "./list.ts";

export const count: Operation<ListInput, Promise<number>> = {
  name: "count",
  kind: "read",
  action: "getMany",
  place: "root",
  description: "How many resources satisfy a query; its limit, offset and sorts play no part.",
  input: { query: { kind: "query" } },
  output: "count",
  async run({ model, services }, { query }) {
    const { limit: _limit, offset: _offset, sorts: _sorts, ...conditions } = query ?? {};
    const { condition } = checkQuery(model.definition, conditions, model.settings.limits);
    return await services.meta.count({ resourceName: model.definition.resourceName, condition });
  },
};
