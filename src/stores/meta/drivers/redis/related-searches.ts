/**
 * Searches whose condition looks at other heads: these are searched for first, and what is found serves as any list of ids would. The counters of the names
 * looked at tell whether all of it was so in one moment; else it is looked at again.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { WeftError } from "../../../../base/errors.ts";
import type { Head } from "../../../../model/resource-meta.ts";
import type { Condition } from "../../../../query/condition.ts";
import type { ResolvedCondition } from "../../../../query/evaluate.ts";
import { isPlain, resolvedBySearch } from "../../../../query/relations.ts";
import type { HeadQuery } from "../../meta-store.ts";
import type { Connection } from "./connection.ts";
import { countVersion } from "./counts.ts";
import { searchVersion } from "./searches.ts";

/** Heads that satisfy the condition of one relation: their records come here, about 1 KB each. */
const maxOthers = 100_000;
/** How long a search is begun anew while others write what it looks at. */
const patienceMs = 10_000;
const longestPauseMs = 10;

export async function search(connection: Connection, query: HeadQuery): Promise<Head[]> {
  if (query.limit === 0) return connection.call(async () => []);
  return inOneMoment(connection, query.condition, async (condition) => {
    return (await searchVersion(connection, { ...query, condition })).heads;
  });
}

export async function count(
  connection: Connection,
  { resourceName, condition }: Pick<HeadQuery, "resourceName" | "condition">,
): Promise<number> {
  return inOneMoment(connection, condition, async (sought) => {
    return (await countVersion(connection, { resourceName, condition: sought })).number;
  });
}

/** @param ask may be called again; what it reads is of one moment */
export async function inOneMoment<T>(
  connection: Connection,
  condition: Condition,
  ask: (condition: ResolvedCondition) => Promise<T>,
): Promise<T> {
  if (isPlain(condition)) return ask(condition);
  const giveUpAt = Date.now() + patienceMs;
  for (;;) {
    const seen: Version[] = [];
    const answer = await ask(await resolvedNoting(connection, condition, seen));
    if (await areCurrent(connection, seen)) return answer;
    if (Date.now() > giveUpAt) {
      throw new WeftError("STORE_UNAVAILABLE", { hint: "What the search looks at is written to without pause." });
    }
    await sleep(Math.random() * longestPauseMs);
  }
}

type Version = readonly [resourceName: string, version: string];

function resolvedNoting(connection: Connection, condition: Condition, seen: Version[]): Promise<ResolvedCondition> {
  return resolvedBySearch(condition, async ({ resourceName, condition: theirs }) => {
    const sought = await resolvedNoting(connection, theirs, seen);
    const query = { resourceName, condition: sought, sort: [], limit: maxOthers + 1 };
    const { version, heads } = await searchVersion(connection, query);
    if (heads.length > maxOthers) throw tooMany(resourceName);
    seen.push([resourceName, version]);
    return heads;
  });
}

async function areCurrent({ call, prefix }: Connection, seen: readonly Version[]): Promise<boolean> {
  const now = await call((redis) => redis.hmget(`${prefix}versions`, ...seen.map(([name]) => name)));
  return seen.every(([, version], i) => (now[i] ?? "0") === version);
}

function tooMany(resourceName: string): WeftError {
  return new WeftError("LIMIT_EXCEEDED", {
    limit: maxOthers,
    hint: `More than ${maxOthers} resources of ${resourceName} satisfy the filter on a relation: narrow it.`,
  });
}
