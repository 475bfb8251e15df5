/**
 * GraphQL multipart requests (https://github.com/jaydenseric/graphql-multipart-request-spec), with files that flow: the
 * operation runs as soon as its own two parts are here, and takes each file when that comes, straight into the store. Parts come
 * in the order of the sender. A file that nobody waits for when it comes, while others are waited for, is lost, and whoever wants
 * it later is told so: it belongs to a later field of the same request.
 */

import type { Readable } from "node:stream";
import { Busboy, type BusboyHeaders } from "@fastify/busboy";
import { invalid, WeftError } from "../../../base/errors.ts";
import { isJsonObject } from "../../../base/json.ts";
import { isMediaType } from "../../../model/binary.ts";
import type { ByteSource } from "../../../model/byte-source.ts";
import { type Arrivals, createArrivals } from "./arrivals.ts";
import type { GraphqlRequest } from "./engine.ts";
import { paramsOf } from "./params.ts";

export interface MultipartLimits {
  /** Of the operation with its variables. */
  readonly maxBodyBytes: number;
  /** Of one file. */
  readonly maxUploadBytes: number;
  readonly maxFiles: number;
}

export interface MultipartRequest {
  /** With a byte source wherever the map puts a file. */
  readonly params: GraphqlRequest;
  /** The operation has run: no more is read. */
  end(): void;
}

/** Resolves when the operation is here, with its files still to come. @throws VALIDATION_FAILED, PAYLOAD_TOO_LARGE, LIMIT_EXCEEDED */
export function readMultipart(body: Readable, contentType: string, limits: MultipartLimits): Promise<MultipartRequest> {
  return new Promise((resolve, reject) => {
    const arrivals = createArrivals();
    const texts = new Map<string, string>();
    let isBegun = false;
    const busboy = openParser(contentType, limits);
    const fail = (error: unknown) => {
      arrivals.fail(error);
      body.unpipe(busboy);
      reject(error);
    };
    const begin = () => {
      if (isBegun) return;
      isBegun = true;
      const params = requestOf(texts, arrivals, limits);
      resolve({
        params,
        end() {
          arrivals.fail(new Error("The operation has ended"));
          body.unpipe(busboy);
        },
      });
    };
    const guarded = (run: () => void) => {
      try {
        run();
      } catch (error) {
        fail(error);
      }
    };

    busboy.on("field", (name, value, _nameTruncated, isCut) =>
      guarded(() => {
        if (isCut) throw tooLarge(limits.maxBodyBytes);
        texts.set(name, value);
        if (texts.has("operations") && texts.has("map")) begin();
      }),
    );
    busboy.on("file", (name, stream, _filename, _encoding, type) =>
      guarded(() => {
        // Whoever reads the stream hears of it too.
        stream.on("error", () => {});
        stream.once("limit", () => fail(tooLarge(limits.maxUploadBytes)));
        if (!isBegun) throw invalid([], "The parts operations and map come first");
        // The name that the sender gave the file is not even looked at.
        arrivals.arrive(name, { stream, type: isMediaType(type) ? type : undefined });
      }),
    );
    busboy.on("filesLimit", () => fail(new WeftError("LIMIT_EXCEEDED", { limit: "maxFiles", max: limits.maxFiles })));
    busboy.once("error", (error) => fail(new WeftError("VALIDATION_FAILED", notMultipart, error)));
    busboy.once("finish", () =>
      isBegun ? arrivals.end() : fail(invalid([], "The parts operations and map are missing")),
    );
    const onCut = () =>
      body.readableEnded ||
      fail(new WeftError("VALIDATION_FAILED", { hint: "The upload was not finished.", issues: [] }));
    body.once("error", onCut).once("close", onCut);
    // Not by `pipeline`, which would close the connection together with what it gave up reading.
    body.pipe(busboy);
  });
}

const notMultipart = { hint: "The body is no multipart/form-data.", issues: [] };

function openParser(contentType: string, { maxBodyBytes, maxUploadBytes, maxFiles }: MultipartLimits) {
  try {
    return new Busboy({
      headers: { "content-type": contentType } as BusboyHeaders,
      limits: {
        fieldNameSize: 100,
        fieldSize: maxBodyBytes,
        fields: 10,
        files: maxFiles,
        fileSize: maxUploadBytes,
        headerPairs: 20,
        headerSize: 8192,
      },
    });
  } catch (error) {
    throw new WeftError("VALIDATION_FAILED", notMultipart, error);
  }
}

/** @throws VALIDATION_FAILED */
function requestOf(
  texts: ReadonlyMap<string, string>,
  arrivals: Arrivals,
  { maxFiles }: MultipartLimits,
): GraphqlRequest {
  const operations = jsonOf(texts, "operations");
  const params = paramsOf(operations);
  const map = jsonOf(texts, "map");
  if (!isJsonObject(map)) throw invalid(["map"], "Must be an object of lists of paths");
  if (Object.keys(map).length > maxFiles) throw new WeftError("LIMIT_EXCEEDED", { limit: "maxFiles", max: maxFiles });
  for (const [name, paths] of Object.entries(map)) {
    if (!Array.isArray(paths) || paths.length !== 1) throw invalid(["map", name], "Must be a list of one path");
    placeFile(operations as Record<string, unknown>, String(paths[0]), arrivals.source(name));
  }
  return params;
}

/** @throws VALIDATION_FAILED */
function placeFile(operations: Record<string, unknown>, path: string, source: ByteSource): void {
  const keys = path.split(".");
  const last = keys.pop() ?? "";
  let parent: unknown = keys[0] === "variables" ? operations : undefined;
  for (const key of keys) parent = isContainer(parent) && Object.hasOwn(parent, key) ? parent[key] : undefined;
  if (!isContainer(parent) || !Object.hasOwn(parent, last) || parent[last] !== null)
    throw invalid(["map"], `${JSON.stringify(path)} is no null among the variables`);
  parent[last] = source;
}

function isContainer(value: unknown): value is Record<string, unknown> {
  return isJsonObject(value) || Array.isArray(value);
}

function jsonOf(texts: ReadonlyMap<string, string>, name: string): unknown {
  try {
    return JSON.parse(texts.get(name) ?? "");
  } catch {
    throw invalid([name], "Must be JSON");
  }
}

function tooLarge(maxBytes: number): WeftError {
  return new WeftError("PAYLOAD_TOO_LARGE", { hint: `At most ${maxBytes} bytes are taken.`, maxBytes });
}
