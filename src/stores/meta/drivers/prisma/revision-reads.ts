import type { Revision } from "../../../../model/revision.ts";
import type { RevisionPage } from "../../meta-store.ts";
import type { Read } from "./database.ts";
import { readRevision, revisionColumns } from "./rows.ts";

// Values are hidden from the planner: it would plan anew for each page, since it takes a limit that it knows for cheaper.
const pagesSql = (direction: "asc" | "desc") => `
select ${revisionColumns("r")}
from unnest((select $1::text[])) asked(resource_id)
cross join lateral (
  select * from weft_revision n
  where n.resource_id = weft_sought(asked.resource_id)
    and n.revision_number > (select $2::text::bigint) and n.revision_number < (select $3::text::bigint)
  order by n.revision_number ${direction} limit (select $4::text::bigint)
) r
order by r.resource_id, r.revision_number desc`;

const newestSql = pagesSql("desc");
const oldestSql = pagesSql("asc");
const beyondAll = 2 ** 31;

/** For each resource the same page of its revisions, newest first, all in one statement. */
export async function readRevisionPages(
  read: Read,
  resourceIds: readonly string[],
  { limit, after = 0, before = beyondAll, fromOldest = false }: RevisionPage,
): Promise<Revision[][]> {
  const pages = new Map<string, Revision[]>();
  for (const id of resourceIds) if (!id.includes("\0")) pages.set(id, []);
  const rows = await read(fromOldest ? oldestSql : newestSql, [
    [...pages.keys()],
    ...[after, before, limit].map((number) => String(number)),
  ]);
  for (const row of rows) {
    const revision = readRevision(row);
    pages.get(revision.resourceId)?.push(revision);
  }
  return resourceIds.map((id) => pages.get(id) ?? []);
}
