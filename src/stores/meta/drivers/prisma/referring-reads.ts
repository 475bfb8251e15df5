import type { Head } from "../../../../model/resource-meta.ts";
import type { MetaStore, ReferringQuery } from "../../meta-store.ts";
import type { Read } from "./database.ts";
import { sortsLongTexts } from "./long-texts.ts";
import { readHead } from "./rows.ts";
import { referringCountSql, referringSql } from "./search-sql.ts";

/** The pages of all ids in one statement. */
export async function readReferringPages(
  read: Read,
  resourceIds: readonly string[],
  query: ReferringQuery,
): Promise<Head[][]> {
  const ids = storable(resourceIds);
  if (ids.length === 0) return resourceIds.map(() => []);
  let pages = await readPages(read, ids, { query, isExact: false });
  if ([...pages.values()].some((heads) => sortsLongTexts(query, heads)))
    pages = await readPages(read, ids, { query, isExact: true });
  return resourceIds.map((id) => {
    const heads = pages.get(id) ?? [];
    return query.fromEnd === true ? heads.toReversed() : [...heads];
  });
}

async function readPages(
  read: Read,
  ids: readonly string[],
  { query, isExact }: { readonly query: ReferringQuery; readonly isExact: boolean },
): Promise<Map<string, Head[]>> {
  const { sql, args } = referringSql(ids, query, isExact);
  const pages = new Map<string, Head[]>(ids.map((id) => [id, []]));
  for (const row of await read(sql, args)) {
    const page = pages.get(ids[Number(row[0]) - 1] ?? "");
    if (page !== undefined && page.length < query.limit) page.push(readHead(row, 1));
  }
  return pages;
}

export async function readReferringCounts(
  read: Read,
  ...[resourceIds, query]: Parameters<MetaStore["referringCounts"]>
): Promise<number[]> {
  const ids = storable(resourceIds);
  const { sql, args } = referringCountSql(ids, query);
  const rows = ids.length === 0 ? [] : await read(sql, args);
  const counts = new Map(rows.map((row) => [ids[Number(row[0]) - 1], Number(row[1])]));
  return resourceIds.map((id) => counts.get(id) ?? 0);
}

/** Each once. A NUL is an error to PostgreSQL, and no id has one. */
function storable(resourceIds: readonly string[]): string[] {
  return [...new Set(resourceIds)].filter((id) => !id.includes("\0"));
}
