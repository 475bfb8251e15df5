/** Heads by what they refer to: a search for each id, all sent at once. Where something was written in between, all are read in one step at last. */
import type { Head } from "../../../../model/resource-meta.ts";
import { idsHeld, type ResolvedCondition } from "../../../../query/evaluate.ts";
import { referring } from "../../../../query/relations.ts";
import { pageOf } from "../../../../query/sort.ts";
import type { MetaStore, ReferringQuery } from "../../meta-store.ts";
import { maxTries } from "./candidate-reads.ts";
import type { Connection } from "./connection.ts";
import { countVersion } from "./counts.ts";
import { inOneMoment } from "./related-searches.ts";
import { searchVersion } from "./searches.ts";

export function readReferringPages(
  connection: Connection,
  resourceIds: readonly string[],
  query: ReferringQuery,
): Promise<Head[][]> {
  if (query.limit === 0) return connection.call(async () => resourceIds.map(() => []));
  return inOneMoment(connection, query.condition, async (condition) => {
    const sought = { ...query, condition };
    const pages = await ofOneVersion(resourceIds, (id) => searchVersion(connection, referring(sought, id)));
    if (pages !== undefined) return pages.map(({ heads }) => heads);
    const all = await referrersOfAll(connection, resourceIds, sought);
    return resourceIds.map((id) => pageOf(all.get(id) ?? [], query));
  });
}

export function readReferringCounts(
  connection: Connection,
  ...[resourceIds, query]: Parameters<MetaStore["referringCounts"]>
): Promise<number[]> {
  return inOneMoment(connection, query.condition, async (condition) => {
    const sought = { ...query, condition };
    const counts = await ofOneVersion(resourceIds, (id) => countVersion(connection, referring(sought, id)));
    if (counts !== undefined) return counts.map(({ number }) => number);
    const all = await referrersOfAll(connection, resourceIds, sought);
    return resourceIds.map((id) => all.get(id)?.length ?? 0);
  });
}

async function ofOneVersion<T extends { readonly version: string }>(
  resourceIds: readonly string[],
  ask: (resourceId: string) => Promise<T>,
): Promise<T[] | undefined> {
  for (let attempt = 0; attempt < maxTries; attempt++) {
    const answers = await Promise.all(resourceIds.map(ask));
    if (answers.every(({ version }) => version === answers[0]?.version)) return answers;
  }
  return undefined;
}

/** In no order. */
async function referrersOfAll(
  connection: Connection,
  resourceIds: readonly string[],
  { resourceName, by, condition }: Pick<ReferringQuery, "resourceName" | "by"> & { condition: ResolvedCondition },
): Promise<Map<string, Head[]>> {
  const held = { kind: "membership", field: by, ids: new Set(resourceIds) } as const;
  const { heads } = await searchVersion(connection, {
    ...{ resourceName, sort: [], limit: Number.MAX_SAFE_INTEGER },
    condition: { kind: "and", conditions: [held, condition] },
  });
  const all = new Map<string, Head[]>();
  for (const head of heads) {
    for (const id of new Set(idsHeld(head, by))) all.set(id, [...(all.get(id) ?? []), head]);
  }
  return all;
}
