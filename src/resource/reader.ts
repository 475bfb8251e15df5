/**
 * Reader: what one request reads, batched and read once. Heads and revisions asked for in one tick become one
 * statement each; several wishes for the payload of one revision become one read and one decode of their union.
 */
import DataLoader from "dataloader";
import type { JsonObject } from "../base/json.ts";
import type { Selection } from "../codec/selection.ts";
import { mergeSelections } from "../codec/selection-merge.ts";
import type { Head, PayloadPointer } from "../model/resource-meta.ts";
import type { Revision } from "../model/revision.ts";
import type { RelationCondition } from "../query/condition.ts";
import type { ReferringQuery, RevisionPage } from "../stores/meta/meta-store.ts";
import type { ReadHint } from "../stores/payload/payload-store.ts";
import { checkPayload, decodePayload, planPayloadRead, readHintOf } from "./payload.ts";
import type { Model } from "./registry.ts";
import { relatedLoader } from "./related.ts";
import type { Services } from "./services.ts";

export interface Reader {
  /** The head, deleted or not; undefined where there is none. */
  head(resourceId: string): Promise<Head | undefined>;
  revision(revisionId: string): Promise<Revision | undefined>;
  revisionPage(resourceId: string, page: RevisionPage): Promise<Revision[]>;
  /** Of those that refer to the resource: what others of the same tick ask for other resources is one statement with it. */
  referringPage(resourceId: string, query: ReferringQuery): Promise<readonly Head[]>;
  referringCount(resourceId: string, query: ReferringCount): Promise<number>;
  /** See `related.ts`. Asked of the store anew, with what others of the same tick ask. */
  isRelated(relation: RelationCondition, id: string): Promise<boolean>;
  /**
   * What is selected of a payload; lists keep their true length, unselected elements being holes (see `Encoding.decodePartial`).
   * May hold more than was asked for: what others of the same tick asked for. Not to be changed.
   * @throws PAYLOAD_CORRUPT where bytes are missing, fail their hash, or do not decode
   */
  document(model: Model, payload: PayloadPointer, selection: Selection): Promise<JsonObject>;
  /** The same where its bytes are in memory, else undefined. For who knows that nobody else in this request wants of it. */
  documentAtHand(model: Model, payload: PayloadPointer, selection: Selection): JsonObject | undefined;
  /** Forgets what it knows of a resource, after a write. */
  forget(resourceId: string): void;
}

type ReferringCount = Pick<ReferringQuery, "resourceName" | "by" | "condition">;

interface Wish {
  readonly model: Model;
  readonly payload: PayloadPointer;
  readonly selection: Selection;
  readonly isOnce: boolean;
}

export interface ReaderOptions {
  /** It goes through many payloads and wants each once: none comes from memory, nor stays there, so that what requests use is not pushed out. @default false */
  readonly isOnce?: boolean;
}

export function createReader(services: Services, { isOnce = false }: ReaderOptions = {}): Reader {
  const heads = new DataLoader<string, Head | undefined>((ids) => services.meta.heads(ids));
  const revisions = new DataLoader<string, Revision | undefined>((ids) => services.meta.revisions(ids));
  const pages = new Map<string, DataLoader<string, Revision[]>>();
  const documents = new DataLoader<Wish, JsonObject>((wishes) => readDocuments(services, wishes), { cache: false });

  const pageLoader = (page: RevisionPage) => {
    const signature = JSON.stringify([page.limit, page.before, page.after, page.fromOldest]);
    let loader = pages.get(signature);
    if (!loader) {
      loader = new DataLoader((ids: readonly string[]) => services.meta.revisionPages(ids, page));
      pages.set(signature, loader);
    }
    return loader;
  };

  const referringPages = loadersBy((query: ReferringQuery, ids) => services.meta.referringPages(ids, query));
  const referringCounts = loadersBy((query: ReferringCount, ids) => services.meta.referringCounts(ids, query));

  return {
    head: (resourceId) => heads.load(resourceId),
    revision: (revisionId) => revisions.load(revisionId),
    revisionPage: (resourceId, page) => pageLoader(page).load(resourceId),
    referringPage: (resourceId, query) => referringPages(query).load(resourceId),
    referringCount: (resourceId, query) => referringCounts(query).load(resourceId),
    isRelated: relatedLoader(services.meta),
    document: (model, payload, selection) => documents.load({ model, payload, selection, isOnce }),
    documentAtHand: (model, payload, selection) => documentInMemory(services, { model, payload, selection, isOnce }),
    forget(resourceId) {
      heads.clear(resourceId);
      revisions.clearAll();
      pages.clear();
      referringPages.clear();
      referringCounts.clear();
    },
  };
}

/** A loader for each different query. */
function loadersBy<Query, T>(ask: (query: Query, ids: readonly string[]) => Promise<readonly T[]>) {
  const loaders = new Map<string, DataLoader<string, T>>();
  const loaderOf = (query: Query): DataLoader<string, T> => {
    const signature = JSON.stringify(query);
    const known = loaders.get(signature);
    if (known !== undefined) return known;
    const loader = new DataLoader<string, T>((ids) => ask(query, ids));
    loaders.set(signature, loader);
    return loader;
  };
  return Object.assign(loaderOf, { clear: () => loaders.clear() });
}

/** What several want of one payload is merged into one wish. Payloads in memory cost no turn of the event loop. */
async function readDocuments(services: Services, wishes: readonly Wish[]): Promise<(JsonObject | Error)[]> {
  const merged = new Map<string, Wish>();
  for (const wish of wishes) {
    const known = merged.get(wish.payload.key);
    const isNew = known === undefined;
    merged.set(
      wish.payload.key,
      isNew ? wish : { ...wish, selection: mergeSelections(known.selection, wish.selection) },
    );
  }
  const read = new Map<string, JsonObject | Error>();
  const reading: Promise<void>[] = [];
  for (const [key, wish] of merged) {
    const known = orError(() => documentInMemory(services, wish));
    if (known !== undefined) read.set(key, known);
    else reading.push(readDocument(services, wish).then((document) => void read.set(key, document)));
  }
  if (reading.length > 0) await Promise.all(reading);
  return wishes.map((wish) => read.get(wish.payload.key) as JsonObject | Error);
}

function orError<T>(read: () => T): T | Error {
  try {
    return read();
  } catch (error) {
    return error as Error;
  }
}

/** Out of the cache: of the whole payload, or of those parts of it that hold what is selected. */
function documentInMemory({ payloadCache }: Services, wish: Wish): JsonObject | undefined {
  const { model, payload, selection, isOnce } = wish;
  if (isOnce) return undefined;
  const { shape } = model.definition;
  const bytes = payloadCache.get(payload.key);
  if (bytes) return decodePayload(bytes, payload, selection, shape);
  const parts = payloadCache.parts(payload.key);
  const plan = parts && planPayloadRead(payload, selection, shape);
  const known = plan && parts?.at(plan.ranges);
  return known && plan?.read(known);
}

async function readDocument(services: Services, wish: Wish): Promise<JsonObject | Error> {
  const { model, payload, selection, isOnce } = wish;
  try {
    const part = await readPart(services, wish);
    if (part !== undefined) return part;
    const bytes = checkPayload(await services.payload.get(payload.key, hintOf(wish)), payload);
    if (!isOnce) services.payloadCache.set(payload.key, bytes);
    return decodePayload(bytes, payload, selection, model.definition.shape);
  } catch (error) {
    return error as Error;
  }
}

/**
 * Undefined where the whole payload is to be read: a small one, most of one, and one whose parts are not what the index
 * says. Either may be damaged then: the hash of the whole decides, so that a bad index alone makes no read fail.
 */
async function readPart(services: Services, wish: Wish): Promise<JsonObject | undefined> {
  const { payload, selection, model, isOnce } = wish;
  const plan = planPayloadRead(payload, selection, model.definition.shape);
  const parts = plan && (await services.payload.getRanges(payload.key, plan.ranges, hintOf(wish)));
  if (!parts || !plan.isIntact(parts)) return undefined;
  if (!isOnce) services.payloadCache.addParts(payload.key, plan.ranges, parts);
  return plan.read(parts);
}

const once: ReadHint = { isOnce: true };

function hintOf({ payload, isOnce }: Wish): ReadHint {
  return isOnce ? once : readHintOf(payload);
}
