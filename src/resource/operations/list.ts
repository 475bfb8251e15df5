import { checkSearch, type SearchRequest } from "../../query/qb/check-search.ts";
import type { ResourceQuery } from "../../query/resource-query.ts";
import { grantedCondition } from "../granted.ts";
import type { Operation, OperationContext } from "../operation.ts";
import type { Snapshot } from "../resource.ts";
import { snapshotOf } from "./get.ts";

export interface ListInput {
  readonly query?: ResourceQuery | null;
  /** A QB expression, instead of the query's conditions and sorts. */
  readonly qb?: string | null;
}

/** The search that the input asks for, at the time of the operation. */
export function searchRequest({ model, session }: OperationContext, { query, qb }: ListInput): SearchRequest {
  return { query, qb, now: session.now ?? model.settings.defaultNow() };
}

/** What every search takes. */
export const searchInput: Operation<ListInput>["input"] = {
  query: { kind: "query" },
  qb: {
    kind: "qb",
    description: "Such as QB['level'] > 18, instead of the query's conditions and sorts; its other fields are ANDed.",
  },
};

export const list: Operation<ListInput, Promise<Snapshot[]>> = {
  name: "list",
  kind: "read",
  action: "getMany",
  place: "root",
  description: "The resources that satisfy a query, in its order, by offset and limit.",
  input: searchInput,
  output: "resources",
  async run(context, input) {
    const { model, services } = context;
    const request = searchRequest(context, input);
    const { condition: asked, sort, limit, offset } = checkSearch(model.definition, request, model.settings.limits);
    const condition = grantedCondition(context, asked, sort);
    if (limit === 0) return [];
    const { resourceName } = model.definition;
    const heads = await services.meta.search({ resourceName, condition, sort, limit, offset });
    return heads.map((head) => snapshotOf(context, head));
  },
};
