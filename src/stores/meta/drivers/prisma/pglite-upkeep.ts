/**
 * What a PostgreSQL server does by itself and PGlite, one process without helpers, never does: reclaim the space of old row versions and
 * write checkpoints, without which the write-ahead log is kept, and replayed after a crash, from the first start on.
 *
 * 20,000 updates of 100 resources left 226 MB, of which 129 were write-ahead log, and both grew; with upkeep 105 MB, of
 * which 33 are such log, which stays so, and the rest history. The price is about 30 ms every 16 MB, some 3,000 writes.
 */

/** Looking is a statement too: 0.2 ms. */
const statementsBetweenLooks = 50;

const grown =
  "select pg_wal_lsn_diff(pg_current_wal_lsn(), redo_lsn) > 16 * 1024 * 1024 as grown from pg_control_checkpoint()";

/**
 * The log and the revisions only grow, so that dead entries in their indexes are few (a tenth), and looking for them would
 * take longer the more history there is.
 */
const statements = [
  "vacuum weft_head",
  "vacuum (index_cleanup off) weft_change",
  "vacuum (index_cleanup off) weft_revision",
  "checkpoint",
];

interface Client {
  query<Row>(sql: string): Promise<{ readonly rows: readonly Row[] }>;
  exec(sql: string): Promise<unknown>;
}

export interface Upkeep {
  /** Counts a statement, and does what is due beside those that follow. */
  ran(): void;
  /** Waits for what is under way. */
  close(): Promise<void>;
}

export function upkeep(client: Client): Upkeep {
  let count = 0;
  let working: Promise<void> | undefined;

  async function work(): Promise<void> {
    const { rows } = await client.query<{ grown: boolean }>(grown);
    if (rows[0]?.grown !== true) return;
    for (const statement of statements) await client.exec(statement);
  }

  return {
    ran() {
      if (++count % statementsBetweenLooks !== 0) return;
      // A failure costs nobody anything but space, and is tried again.
      working ??= work()
        .catch(() => undefined)
        .finally(() => {
          working = undefined;
        });
    },
    async close() {
      await working;
    },
  };
}
