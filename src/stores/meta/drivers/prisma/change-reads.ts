import type { Change } from "../../../../model/change.ts";
import type { ChangeQuery } from "../../meta-store.ts";
import type { Read } from "./database.ts";
import { changeColumns, readChange } from "./rows.ts";

/** `base` gives at most $2 rows of weft_change behind seq $1. The change before each is the one whose state it ended. */
const changesSql = (base: string) => `
select ${changeColumns}
from (${base}) c
left join lateral (
  select * from weft_change q where q.resource_id = c.resource_id and q.seq < c.seq order by q.seq desc limit 1
) p on c.previous_revision_id is not null
order by c.seq`;

const bySeq = "n.seq > $1::text::bigint order by n.seq limit $2::text::bigint";
const ofAll = changesSql(`select * from weft_change n where ${bySeq}`);
const ofResource = changesSql(`select * from weft_change n where n.resource_id = $3::text and ${bySeq}`);
// Each name reads its own stretch of the index, so that a rare name does not scan the log.
const ofNames = changesSql(`
  select m.* from unnest($3::text[]) asked(name)
  cross join lateral (select * from weft_change n where n.resource_name = asked.name and ${bySeq}) m
  order by m.seq limit $2::text::bigint`);
const ofResourceAndNames = changesSql(`
  select * from weft_change n where n.resource_id = $3::text and n.resource_name = any ($4::text[]) and ${bySeq}`);

export async function readChanges(read: Read, query: ChangeQuery): Promise<Change[]> {
  const { resourceId } = query;
  const names = query.resourceNames && [...new Set(query.resourceNames)];
  const page = [String(query.after), String(query.limit)];
  const rows =
    resourceId === undefined
      ? names === undefined
        ? await read(ofAll, page)
        : await read(ofNames, [...page, names])
      : names === undefined
        ? await read(ofResource, [...page, resourceId])
        : await read(ofResourceAndNames, [...page, resourceId, names]);
  return rows.map(readChange);
}
