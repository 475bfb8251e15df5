/** Files of persisted operations, as the builds of clients write them. */
import { readFileSync } from "node:fs";
import { ConfigurationError } from "../../../../base/errors.ts";
import { isJsonObject } from "../../../../base/json.ts";

/**
 * By id. Takes Apollo's manifest (`generate-persisted-query-manifest`, version 1) and a plain object of texts by id, as Relay's and gql.tada's.
 * @throws ConfigurationError that names the file
 */
export function readManifest(file: string): ReadonlyMap<string, string> {
  const value = readJson(file);
  if (!isJsonObject(value)) throw unreadable(file, "it holds no JSON object");
  const operations = "format" in value ? entriesOfApollo(value, file) : Object.entries(value);
  for (const [id, text] of operations) {
    if (typeof text !== "string") throw unreadable(file, `${JSON.stringify(id)} is no text`);
  }
  return new Map(operations as [string, string][]);
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ConfigurationError(`persisted.file: ${file} cannot be read: ${reason}.`, { cause: error });
  }
}

function entriesOfApollo(
  { format, version, operations }: Record<string, unknown>,
  file: string,
): (readonly [string, unknown])[] {
  if (format !== "apollo-persisted-query-manifest" || version !== 1 || !Array.isArray(operations))
    throw unreadable(file, "its format is not apollo-persisted-query-manifest, version 1");
  return operations.map((operation) => {
    const { id, body } = isJsonObject(operation) ? operation : {};
    if (typeof id !== "string") throw unreadable(file, "an operation has no id");
    return [id, body] as const;
  });
}

function unreadable(file: string, reason: string): ConfigurationError {
  return new ConfigurationError(`persisted.file: ${file} is no list of operations: ${reason}.`);
}
