import { dirname } from "node:path";
import { examineDirectory } from "../../../../base/directory-findings.ts";
import type { Finding } from "../../../../base/finding.ts";
import type { Connection } from "./connection.ts";

/** SQLite's numbers for `pragma synchronous`. */
const full = 2;

export async function examineFile(file: string, connection: Connection): Promise<readonly Finding[]> {
  const [version] = connection.get("select sqlite_version()") ?? [];
  const [mode] = connection.get("pragma journal_mode") ?? [];
  const [synchronous] = connection.get("pragma synchronous") ?? [];
  const isDurable = mode === "wal" && Number(synchronous) >= full;
  return [
    { subject: "version", state: "ok", text: `SQLite ${version}` },
    isDurable
      ? { subject: "durability", state: "ok", text: "WAL, flushed before a commit is acknowledged" }
      : {
          subject: "durability",
          state: "error",
          text: `journal_mode is ${mode}, not wal: put the file on a local disk that weft alone uses`,
        },
    ...(await examineDirectory(dirname(file))),
  ];
}
