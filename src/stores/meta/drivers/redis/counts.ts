/** Counts: by Redis alone where an index holds exactly what satisfies the condition, else by reading the candidates. */
import { evaluate, type ResolvedCondition } from "../../../../query/evaluate.ts";
import { type Counted, maxTries, readCandidates } from "./candidate-reads.ts";
import type { Connection } from "./connection.ts";

export async function countVersion(connection: Connection, query: Counted): Promise<Count> {
  const all = withoutLiving(query.condition);
  for (let attempt = 0; ; attempt++) {
    if (all === undefined || attempt >= maxTries) {
      const counted = await countOf(connection, attempt, query);
      if (counted !== undefined) return counted;
      continue;
    }
    // The living ones are all without the deleted, of which there are few, and which have an index.
    const { resourceName } = query;
    const total = await countOf(connection, attempt, { resourceName, condition: all });
    const gone = await countOf(connection, attempt, { resourceName, condition: and([all, isDeleted(true)]) });
    if (total !== undefined && total.version === gone?.version)
      return { number: total.number - gone.number, version: total.version };
  }
}

/** The version of the name's heads, of which it is the number. */
export interface Count {
  readonly number: number;
  readonly version: string;
}

async function countOf(connection: Connection, attempt: number, query: Counted): Promise<Count | undefined> {
  const found = new Set<string>();
  let exact: number | undefined;
  const version = await readCandidates(connection, attempt, {
    query,
    walks: [],
    needed: -1,
    take({ exactCount, heads }) {
      exact = exactCount;
      for (const head of heads) if (evaluate(query.condition, head) === true) found.add(head.resourceId);
      return true;
    },
  });
  return version === undefined ? undefined : { number: exact ?? found.size, version };
}

function and(conditions: readonly ResolvedCondition[]): ResolvedCondition {
  return { kind: "and", conditions };
}

function isDeleted(value: boolean): ResolvedCondition {
  const field = { source: "meta", path: "isDeleted", type: "boolean" } as const;
  return { kind: "comparison", field, operator: "eq", value };
}

/** What the condition asks besides that a head be not deleted, where an index may know how many those are; undefined where it does not ask that, or more. */
function withoutLiving(condition: ResolvedCondition): ResolvedCondition | undefined {
  const parts = partsOf(condition);
  const rest = parts.filter((part) => !asksForLiving(part));
  return rest.length === parts.length || rest.length > 1 ? undefined : (rest[0] ?? and([]));
}

function partsOf(condition: ResolvedCondition): readonly ResolvedCondition[] {
  return condition.kind === "and" ? condition.conditions.flatMap(partsOf) : [condition];
}

function asksForLiving(condition: ResolvedCondition): boolean {
  if (condition.kind !== "comparison") return false;
  const { field, operator, value } = condition;
  const isAsked = field.source === "meta" && field.path === "isDeleted" && field.transform === undefined;
  return isAsked && operator === "eq" && value === false;
}
