import { clockFinding, type Finding } from "../../../../base/finding.ts";
import type { Read } from "./database.ts";

const oldest = 14;

const sql = `select current_setting('server_version_num'), current_setting('fsync'), current_setting('synchronous_commit'),
  current_setting('full_page_writes'), date_part('epoch', clock_timestamp()) * 1000,
  exists (select from pg_extension where extname = 'pg_trgm')`;

/** Of the server behind a database, PGlite's too. */
export async function examineDatabase(read: Read): Promise<readonly Finding[]> {
  const before = Date.now();
  const [row = []] = await read(sql, []);
  const [version, fsync, synchronousCommit, fullPageWrites, time, hasTrigrams] = row;
  return [
    versionFinding(Number(version)),
    durabilityFinding({ fsync, synchronousCommit, fullPageWrites }),
    clockFinding(Number(time), before, Date.now()),
    hasTrigrams
      ? { subject: "pg_trgm", state: "ok", text: "installed: contains, endsWith and regex use indexes" }
      : {
          subject: "pg_trgm",
          state: "warning",
          text: "not installed: contains, endsWith and regex read all heads of a model. As a superuser: create extension pg_trgm",
        },
  ];
}

function versionFinding(version: number): Finding {
  const text = `PostgreSQL ${Math.floor(version / 10_000)}.${version % 10_000}`;
  if (version >= oldest * 10_000) return { subject: "version", state: "ok", text };
  return { subject: "version", state: "error", text: `${text}: use ${oldest} or newer` };
}

function durabilityFinding(
  settings: Readonly<Record<"fsync" | "synchronousCommit" | "fullPageWrites", unknown>>,
): Finding {
  const subject = "durability";
  const { fsync, synchronousCommit, fullPageWrites } = settings;
  if (fsync !== "on" || fullPageWrites !== "on") {
    const text = "fsync or full_page_writes is off: acknowledged writes survive kill -9, not always a loss of power";
    return { subject, state: "warning", text };
  }
  if (synchronousCommit === "off") {
    const text = "synchronous_commit is off: the last acknowledged writes are lost with the server. Set it to on";
    return { subject, state: "error", text };
  }
  return { subject, state: "ok", text: `fsync is on, synchronous_commit is ${synchronousCommit}` };
}
