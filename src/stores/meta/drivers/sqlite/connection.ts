/** One connection to the file, through libsql. Every call is synchronous: it holds the process up until the disk has answered. */
import Database from "libsql";
import { LRUCache } from "lru-cache";

export type Value = string | number | Uint8Array | null;
export type Row = readonly Value[];

export interface Connection {
  /** The first row. Statements are prepared once. */
  get(sql: string, args?: readonly Value[]): Row | undefined;
  all(sql: string, args?: readonly Value[]): readonly Row[];
  run(sql: string, args?: readonly Value[]): void;
  /** Several statements without arguments. */
  script(sql: string): void;
  /** `immediate`: nobody else writes meanwhile. `deferred`: all that is read is of one moment. */
  transaction<T>(kind: "immediate" | "deferred", work: () => T): T;
  close(): void;
}

interface Statement {
  raw(): Statement;
  get(args: readonly Value[]): Row | undefined;
  all(args: readonly Value[]): readonly Row[];
  run(args: readonly Value[]): unknown;
}

/** How long a statement waits, and all of the process with it, for another that writes; then it is tried anew later (fault.ts). */
const busyTimeoutMs = 10;
const maxStatements = 500;

export function openConnection(file: string): Connection {
  const database = new Database(file, { timeout: busyTimeoutMs });
  const prepare = (sql: string) => database.prepare(sql) as unknown as Statement;
  const statements = new LRUCache<string, Statement>({ max: maxStatements });
  const statementOf = (sql: string, isReading: boolean): Statement => {
    const known = statements.get(sql);
    if (known !== undefined) return known;
    const statement = isReading ? prepare(sql).raw() : prepare(sql);
    statements.set(sql, statement);
    return statement;
  };
  const script = (sql: string) => {
    database.exec(sql);
  };
  try {
    // With `full` a commit is flushed when it is acknowledged; a purge overwrites what it deletes.
    script("pragma journal_mode = wal; pragma synchronous = full; pragma secure_delete = on");
  } catch (error) {
    database.close();
    throw error;
  }
  return {
    get: (sql, args = []) => statementOf(sql, true).get(args),
    all: (sql, args = []) => statementOf(sql, true).all(args),
    run(sql, args = []) {
      statementOf(sql, false).run(args);
    },
    script,
    transaction(kind, work) {
      script(`begin ${kind}`);
      try {
        const result = work();
        script("commit");
        return result;
      } catch (error) {
        if (database.inTransaction) script("rollback");
        throw error;
      }
    },
    close() {
      statements.clear();
      database.close();
    },
  };
}
