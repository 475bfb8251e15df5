/**
 * The tables, as steps from one version to the next; the version is in `PRAGMA user_version`. What is released is never changed: a change is
 * a step more.
 *
 * `body`, `head` and `revision` are the rows as JSON, made and read by JavaScript, so that every number and time comes back as it was. The
 * other columns are what statements search by; `keys` is told in search-keys.ts.
 */
import { ConfigurationError } from "../../../../base/errors.ts";
import type { Connection } from "./connection.ts";

const steps: readonly string[] = [
  `
  create table weft_head (
    resource_id text primary key,
    resource_name text not null,
    current_revision_id text not null,
    etag text not null,
    schema_version text,
    total_revision_count integer not null,
    created_time text not null,
    updated_time text not null,
    created_by text not null,
    updated_by text not null,
    is_deleted integer not null,
    keys text not null,
    body text not null
  );
  create index weft_head_name on weft_head (resource_name, resource_id);
  create index weft_head_created on weft_head (resource_name, created_time desc, resource_id);
  create index weft_head_updated on weft_head (resource_name, updated_time desc, resource_id);
  create table weft_revision (
    resource_id text not null,
    revision_number integer not null,
    revision_id text not null,
    body text not null,
    primary key (resource_id, revision_number)
  ) without rowid;
  create unique index weft_revision_id on weft_revision (revision_id);
  create table weft_change (
    seq integer primary key,
    commit_id text not null,
    action text not null,
    actor text not null,
    time text not null,
    resource_name text not null,
    resource_id text not null,
    revision_id text not null,
    previous_revision_id text,
    changed_paths text not null,
    index_fingerprint text,
    head text,
    revision text
  );
  create index weft_change_resource on weft_change (resource_id, seq);
  create index weft_change_name on weft_change (resource_name, seq);
  `,
];

/** "weft", which keeps us out of the databases of others. */
const applicationId = 0x77656674;

/** Makes the tables or brings them up to date, one process at a time. @throws ConfigurationError for another's or a newer database */
export function migrate(connection: Connection, file: string): void {
  // In one moment: another process may be making them.
  if (connection.transaction("deferred", () => versionOf(connection, file)) === steps.length) return;
  connection.transaction("immediate", () => {
    const version = versionOf(connection, file);
    for (const step of steps.slice(version)) connection.script(step);
    connection.script(`pragma application_id = ${applicationId}; pragma user_version = ${steps.length}`);
  });
}

function versionOf({ all }: Connection, file: string): number {
  const [[version = 0] = []] = all("pragma user_version");
  const [[owner = 0] = []] = all("pragma application_id");
  const [[tables = 0] = []] = all("select count(*) from sqlite_master");
  if (owner !== applicationId && (version !== 0 || tables !== 0)) {
    throw new ConfigurationError(`${file} is a database, and not one of weft's. Name another file.`);
  }
  if (Number(version) > steps.length) {
    throw new ConfigurationError(
      `${file} was migrated to version ${version} by a newer weft; this one knows ${steps.length}. Use the newer one.`,
    );
  }
  return Number(version);
}
