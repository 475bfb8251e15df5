/**
 * Operations that are known by an id: sent without their text, or the only ones that are taken.
 *
 * Persisted operations are written by the clients' build: a file, or a store of the application's. A request names one by `documentId` (GraphQL over HTTP,
 * appendix A) or by `extensions.persistedQuery.sha256Hash` (Apollo). With `only` nothing else is taken, introspection and GraphiQL included.
 *
 * Automatic persisted queries (https://www.apollographql.com/docs/apollo-server/performance/apq) are what clients bring at run time: first the hash alone, and where
 * that is not known, hash and text, which is kept. They save bytes and refuse nothing. Over websockets, whose `subscribe` must hold a query, an empty one stands for none.
 */
import { createHash } from "node:crypto";
import type { Logger } from "pino";
import { ConfigurationError, invalid, WeftError } from "../../../../base/errors.ts";
import { createByteLru } from "../byte-lru.ts";
import { readManifest } from "./manifest.ts";

export interface PersistedOptions {
  /** JSON: Apollo's manifest (`{ format: "apollo-persisted-query-manifest", operations: [{ id, body }] }`), or `{ id: text }`. Read at start. */
  readonly file?: string;
  /** Asked for ids that the file does not have, once a request; a throw answers STORE_UNAVAILABLE. */
  readonly store?: OperationStore;
  /** Takes no other operations: PERSISTED_QUERY_REQUIRED. @default false */
  readonly only?: boolean;
}

export interface OperationStore {
  get(id: string): string | null | undefined | Promise<string | null | undefined>;
}

export interface AutomaticOptions {
  /** Texts that are kept, those used last. @default 4194304 (4 MiB) */
  readonly maxBytes?: number;
}

/** What matters here of a request. */
export interface NamedRequest {
  readonly query: string;
  readonly documentId?: string | undefined;
  readonly sha256Hash?: string | undefined;
}

export interface Persisted {
  readonly isOnly: boolean;
  /** Does it matter to this request? */
  concerns(request: NamedRequest): boolean;
  /** The request with its text. @throws PERSISTED_QUERY_NOT_FOUND, PERSISTED_QUERY_NOT_SUPPORTED, PERSISTED_QUERY_REQUIRED, VALIDATION_FAILED, STORE_UNAVAILABLE */
  resolve<R extends NamedRequest>(request: R): Promise<R>;
  /** Its text is a document that may be executed. */
  keep(request: NamedRequest): void;
}

interface PersistedParts {
  readonly persisted: PersistedOptions | undefined;
  readonly automatic: AutomaticOptions | false | undefined;
  readonly log: Logger;
}

const defaultMaxBytes = 4 * 1024 * 1024;
const maxIdLength = 256;

/** @throws ConfigurationError for a file that cannot be read as such, and `only` without anything to take */
export function createPersisted({ persisted, automatic, log }: PersistedParts): Persisted {
  const isOnly = persisted?.only ?? false;
  if (isOnly && persisted?.file === undefined && persisted?.store === undefined)
    throw new ConfigurationError(
      "persisted.only takes no operation at all: name them by persisted.file or persisted.store.",
    );
  const listed = persisted?.file === undefined ? new Map<string, string>() : readManifest(persisted.file);
  const hasList = persisted?.file !== undefined || persisted?.store !== undefined;
  const isAutomatic = automatic !== false && !isOnly;
  const brought = createByteLru<string>(isAutomatic ? bytesOf(automatic) : 0);

  const find = async (id: string): Promise<string | undefined> => {
    const text = listed.get(id);
    if (text !== undefined || persisted?.store === undefined) return text;
    try {
      return (await persisted.store.get(id)) ?? undefined;
    } catch (error) {
      log.error({ err: error }, "persisted.store");
      throw new WeftError("STORE_UNAVAILABLE", {}, error);
    }
  };

  const findListed = async (ids: readonly string[]): Promise<string | undefined> => {
    if (!hasList) return undefined;
    for (const id of ids) {
      const text = await find(id);
      if (text !== undefined) return text;
    }
    return undefined;
  };

  const unknown = (request: NamedRequest) => {
    if (isOnly && request.query !== "") return new WeftError("PERSISTED_QUERY_REQUIRED");
    const isPossible = hasList || (isAutomatic && request.sha256Hash !== undefined);
    return new WeftError(isPossible ? "PERSISTED_QUERY_NOT_FOUND" : "PERSISTED_QUERY_NOT_SUPPORTED");
  };

  return {
    isOnly,
    concerns: ({ documentId, sha256Hash }) => isOnly || documentId !== undefined || sha256Hash !== undefined,
    async resolve(request) {
      const { sha256Hash, query } = request;
      const ids = idsOf(request);
      if (isOnly && ids.length === 0) throw new WeftError("PERSISTED_QUERY_REQUIRED");
      const text = await findListed(ids);
      if (text !== undefined) return { ...request, query: text };
      if (query === "" || isOnly) {
        const known = sha256Hash === undefined ? undefined : brought.get(sha256Hash);
        if (known === undefined || isOnly) throw unknown(request);
        return { ...request, query: known };
      }
      if (sha256Hash !== undefined && isAutomatic && hashOf(query) !== sha256Hash)
        throw invalid(["extensions", "persistedQuery", "sha256Hash"], "Is not the SHA-256 of the query");
      return request;
    },
    keep({ sha256Hash, query }) {
      if (
        isAutomatic &&
        sha256Hash !== undefined &&
        brought.get(sha256Hash) === undefined &&
        hashOf(query) === sha256Hash
      )
        brought.set(sha256Hash, query, 2 * query.length);
    },
  };
}

function bytesOf(automatic: AutomaticOptions | undefined): number {
  const { maxBytes = defaultMaxBytes } = automatic ?? {};
  if (!(maxBytes >= 0)) throw new ConfigurationError("apq.maxBytes must be a number of bytes.");
  return maxBytes;
}

/** What may stand in a list; a document id may say how it was made. */
function idsOf({ documentId, sha256Hash }: NamedRequest): readonly string[] {
  const ids = [documentId, documentId?.replace(/^sha256:/, ""), sha256Hash];
  return [...new Set(ids)].filter((id) => id !== undefined && id.length <= maxIdLength) as string[];
}

function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
