/**
 * Searches of weft on PostgreSQL at two sizes, beside the same questions to a table written by hand with native columns and the same
 * indexes: `npm run bench:search [-- --heads 10000,1000000]`. Ends with 1 where a goal is missed; README.md says what they are.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import pg from "pg";
import type { Database } from "../src/stores/meta/drivers/prisma/database.ts";
import { migrate } from "../src/stores/meta/drivers/prisma/migrate.ts";
import { openPostgres } from "../src/stores/meta/drivers/prisma/postgres-database.ts";
import { prismaMetaStore } from "../src/stores/meta/drivers/prisma/prisma-meta-store.ts";
import { searchSql } from "../src/stores/meta/drivers/prisma/search-sql.ts";
import { startPostgres } from "../tests/servers/start-postgres.ts";
import { createDatabase } from "./http/database.ts";
import { machineFacts } from "./http/report.ts";
import {
  isByIndex,
  type PageTiming,
  planQuestions,
  scansOf,
  type Timing,
  timePages,
  timeQuestions,
} from "./search/measure.ts";
import { seedHeads, seedTable } from "./search/seed.ts";

const { values: options } = parseArgs({ options: { heads: { type: "string", default: "10000,1000000" } } });
const sizes = options.heads.split(",").map(Number);

/** As multiples: of the time at the least size, of the table's time, of the first page's time. */
const goals = { growth: 2, table: 1.5, page: 1.5 };
const pageSize = 20;
const deepPage = 10_000;

interface Measured {
  readonly heads: number;
  readonly plans: Readonly<Record<string, { readonly scans: readonly string[]; readonly isByIndex: boolean }>>;
  readonly questions: ReadonlyMap<string, Timing>;
  readonly pages: readonly PageTiming[];
}

async function measure(serverUrl: string, heads: number): Promise<Measured> {
  const url = await createDatabase(serverUrl, `search_${heads}`);
  const database = await openPostgres({ url, poolSize: 2, statementTimeoutMs: 600_000 });
  const store = prismaMetaStore(database);
  const client = new pg.Client({ connectionString: url });
  try {
    await migrate(database);
    const start = performance.now();
    await seedHeads(database, store, heads);
    await seedTable(database);
    await client.connect();
    console.log(`\n${heads} heads, seeded and indexed in ${Math.round((performance.now() - start) / 1000)} s`);
    const plans = await explain(database, heads);
    for (const [name, { scans }] of Object.entries(plans)) console.log(`  ${name.padEnd(26)} ${scans.join(" · ")}`);
    const questions = await timeQuestions(store, client, heads);
    const pages = await timePages(store, Math.min(deepPage * pageSize, Math.floor(heads / 2)));
    return { heads, plans, questions, pages };
  } finally {
    await client.end();
    await store.close();
  }
}

async function explain(database: Database, heads: number): Promise<Measured["plans"]> {
  const plans: Record<string, { scans: string[]; isByIndex: boolean }> = {};
  for (const { name, query } of planQuestions(heads)) {
    const { sql, args } = searchSql(query);
    const lines = (await database.query(`explain ${sql}`, args)).map(([line]) => String(line));
    plans[name] = { scans: scansOf(lines), isByIndex: isByIndex(lines) };
  }
  return plans;
}

/** Prints the comparison. @returns the goals that were missed */
function report(all: readonly Measured[]): string[] {
  const missed: string[] = [];
  const judge = (what: string, ratio: number, goal: number | undefined) => {
    if (goal !== undefined && ratio > goal) missed.push(`${what}: ${ratio.toFixed(2)}, goal ${goal}`);
    return ratio.toFixed(2);
  };
  const [small] = all;
  const large = all.at(-1);
  if (small === undefined || large === undefined) return ["nothing was measured"];
  const withoutGoal = new Map(planQuestions(large.heads).map((question) => [question.name, question.withoutGoal]));
  console.log(
    `\nmilliseconds a page of ${pageSize}: weft at ${small.heads}, at ${large.heads} · growth · table · weft ÷ table`,
  );
  for (const [name, { weft, table }] of large.questions) {
    const before = small.questions.get(name)?.weft ?? weft;
    const hasGoal = withoutGoal.get(name) === undefined;
    const growth = judge(`growth of ${name}`, weft / before, hasGoal ? goals.growth : undefined);
    const ratio = judge(`${name} beside the table`, weft / table, hasGoal ? goals.table : undefined);
    const why = hasGoal ? "" : `  (no goal: ${withoutGoal.get(name)})`;
    console.log(
      `  ${name.padEnd(26)} ${before.toFixed(2)} ${weft.toFixed(2)} · ${growth} · ${table.toFixed(2)} · ${ratio}${why}`,
    );
  }
  console.log("\npages: the first · by a cursor in the middle, forwards and backwards · ÷ the first");
  for (const { sort, first, forwards, backwards } of large.pages) {
    const ratios = [
      judge(`page by ${sort}`, forwards / first, goals.page),
      judge(`page back by ${sort}`, backwards / first, goals.page),
    ];
    console.log(
      `  ${sort.padEnd(26)} ${[first, forwards, backwards].map((ms) => ms.toFixed(2)).join(" · ")} · ${ratios.join(" · ")}`,
    );
  }
  for (const [name, plan] of Object.entries(large.plans))
    if (!plan.isByIndex) missed.push(`${name} is not served by an index`);
  return missed;
}

const postgres = await startPostgres({ shared_buffers: "1GB", max_wal_size: "8GB" });
try {
  const facts = machineFacts(postgres.version);
  console.log(facts);
  const measured: Measured[] = [];
  for (const heads of sizes) measured.push(await measure(postgres.url, heads));
  const missed = report(measured);
  for (const miss of missed) console.log(`MISSED ${miss}`);
  const results = join(import.meta.dirname, "results");
  mkdirSync(results, { recursive: true });
  const runs = measured.map((run) => ({ ...run, questions: Object.fromEntries(run.questions) }));
  writeFileSync(join(results, "search.json"), `${JSON.stringify({ facts, goals, missed, runs }, null, 2)}\n`);
  if (missed.length > 0) process.exitCode = 1;
} finally {
  await postgres.stop();
}
