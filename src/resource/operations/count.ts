import { checkSearchCondition } from "../../query/qb/check-search.ts";
import { grantedCondition } from "../granted.ts";
import type { Operation } from "../operation.ts";
import { type ListInput, searchInput, searchRequest } from "./list.ts";

export const count: Operation<ListInput, Promise<number>> = {
  name: "count",
  kind: "read",
  action: "getMany",
  place: "root",
  description: "How many resources satisfy a query; its limit, offset and sorts play no part.",
  input: searchInput,
  output: "count",
  async run(context, input) {
    const { model, services } = context;
    const request = searchRequest(context, input);
    const asked = checkSearchCondition(model.definition, request, model.settings.limits);
    const condition = grantedCondition(context, asked, []);
    return await services.meta.count({ resourceName: model.definition.resourceName, condition });
  },
};
