/** States whose indexed data are out of date: finding them, and putting new data in place. */
import type { IndexedState, StaleQuery, StaleState } from "../../meta-index.ts";
import type { Read } from "./database.ts";
import { headColumns, readHead } from "./rows.ts";

const staleSql = `
select c.seq, ${headColumns("c")}
from (
  select s.*, s.revision_id as current_revision_id from weft_change s
  where s.resource_name = $1::text and s.seq > $2::text::bigint and s.index_fingerprint <> $3::text
  order by s.seq limit $4::text::bigint
) c
order by c.seq`;

export async function readStaleStates(read: Read, query: StaleQuery): Promise<StaleState[]> {
  const { resourceName, after, indexFingerprint, limit } = query;
  const rows = await read(staleSql, [resourceName, String(after), indexFingerprint, String(limit)]);
  return rows.map((row) => {
    const { resourceId, payload } = readHead(row, 1);
    return { seq: Number(row[0]), resourceId, payload };
  });
}

export async function replaceIndexedData(read: Read, states: readonly IndexedState[]): Promise<number> {
  const batch = states.map(({ seq, resourceId, payloadKey, indexedData, indexFingerprint }) => ({
    seq,
    resource_id: resourceId,
    payload_key: payloadKey,
    indexed_data: indexedData,
    index_fingerprint: indexFingerprint,
  }));
  const [row] = await read("select weft_reindex($1::text::jsonb)", [JSON.stringify(batch)]);
  return Number(row?.[0]);
}
