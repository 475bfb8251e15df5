/**
 * A PostgreSQL database, in this process or on a server, as this driver uses it: Prisma's driver adapter, called
 * directly. CPU of one get by id, adapter-pg 7.10: PrismaClient.findUnique 94 to 117 µs, $queryRawUnsafe 136 µs, the
 * adapter's own queryRaw with a statement name 42 to 52 µs, plain pg 45 µs. So what requests wait for is SQL through
 * the adapter, and the generated client, over the same adapter, serves what is rare (see prisma-client.ts).
 */
import type { SqlDriverAdapterFactory } from "@prisma/client/runtime/client";

export type SqlAdapter = Awaited<ReturnType<SqlDriverAdapterFactory["connect"]>>;

/** Every argument goes over the wire as text, and statements cast it: `$1::bigint`. */
export type Argument = string | readonly string[] | null;

/** Columns in the order of the select list: bigint and jsonb as text, float8 and integer as numbers, the rest as usual. */
export type Row = readonly unknown[];

/** Runs a statement that only reads. */
export type Read = (sql: string, args: readonly Argument[]) => Promise<readonly Row[]>;

export interface Database {
  query(sql: string, args: readonly Argument[]): Promise<readonly Row[]>;
  /** Several statements without arguments, in one transaction. No time limit. */
  script(sql: string): Promise<void>;
  /**
   * Runs statements on indexes one by one, outside of any transaction. No time limit. One process at a time does so:
   * they are asked for when it is this one's turn. Where the database is closed meanwhile, the rest is left undone.
   */
  build(statements: (read: Read) => Promise<readonly string[]>): Promise<void>;
  readonly adapter: SqlAdapter;
  close(): Promise<void>;
}

const scalar = { scalarType: "string", arity: "scalar" } as const;
const list = { scalarType: "string", arity: "list" } as const;

export async function queryAdapter(
  adapter: SqlAdapter,
  sql: string,
  args: readonly Argument[],
): Promise<readonly Row[]> {
  const argTypes = args.map((arg) => (Array.isArray(arg) ? list : scalar));
  const { rows } = await adapter.queryRaw({ sql, args: [...args], argTypes });
  return rows;
}
