/** The other decoders, out of `rivals/partial`, each asked the same as far as it can be. Typed is only what is called. */
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { Json, JsonObject } from "../../src/base/json.ts";
import type { Selection } from "../../src/codec/selection.ts";
import { avroSchema, kindOf, protoMessage, subset } from "./kinds.ts";
import type { Contender } from "./rounds.ts";

interface Msgpackr {
  Unpackr: new (options: { useRecords: boolean }) => { unpack(bytes: Uint8Array): unknown };
}
interface JsonPack {
  MsgPackDecoder: new () => {
    reader: { reset(bytes: Uint8Array): void };
    find(path: readonly (string | number)[]): { readAny(): unknown };
  };
}
interface AvroType {
  toBuffer(value: unknown): Buffer;
  createResolver(writer: AvroType): unknown;
  fromBuffer(bytes: Buffer, resolver?: unknown): unknown;
}
interface Avsc {
  Type: { forSchema(schema: unknown): AvroType };
}
interface Protobuf {
  Root: { fromJSON(json: unknown): { lookupType(name: string): ProtoType } };
}
interface ProtoType {
  encode(message: unknown): { finish(): Uint8Array };
  decode(bytes: Uint8Array): unknown;
}

export interface Asked {
  readonly document: JsonObject;
  /** MessagePack. */
  readonly bytes: Buffer;
  readonly selection: Selection;
  /** The same for a decoder that finds one value after the other. None where it cannot be asked. */
  readonly finds?: readonly (readonly (string | number)[])[];
}

export interface Rivals {
  /** Decodes everything: what all are measured by. */
  msgpackr(bytes: Uint8Array): unknown;
  full(asked: Asked): Contender[];
  partial(asked: Asked): Contender[];
}

/** @param folder `rivals/partial`; what it needs is installed on first use */
export function loadRivals(folder: string): Rivals {
  if (!existsSync(join(folder, "node_modules"))) {
    execFileSync("npm", ["ci", "--ignore-scripts"], { cwd: folder, stdio: "inherit" });
  }
  const require = createRequire(join(folder, "package.json"));
  const load = <T>(name: string) => require(name) as T;
  const unpackr = new (load<Msgpackr>("msgpackr").Unpackr)({ useRecords: false });
  const { decode } = load<{ decode(bytes: Uint8Array): unknown }>("@msgpack/msgpack");
  const finder = new (load<JsonPack>("@jsonjoy.com/json-pack/lib/msgpack/MsgPackDecoder").MsgPackDecoder)();
  const avro = load<Avsc>("avsc");
  const protobuf = load<Protobuf>("protobufjs");

  return {
    msgpackr: (bytes) => unpackr.unpack(bytes),
    full({ document, bytes }) {
      const text = Buffer.from(JSON.stringify(document));
      return [
        { name: "msgpackr", run: () => unpackr.unpack(bytes) },
        { name: "@msgpack/msgpack", run: () => decode(bytes) },
        { name: "JSON.parse", run: () => JSON.parse(text.toString()) as Json },
      ];
    },
    partial({ document, bytes, selection, finds }) {
      const kind = kindOf([document]);
      const wanted = subset(kind, selection);
      const writer = avro.Type.forSchema(avroSchema(kind, "Document"));
      const reader = avro.Type.forSchema(avroSchema(wanted, "Document"));
      const resolver = reader.createResolver(writer);
      const avroBytes = writer.toBuffer(document);
      const proto = (of: typeof kind) =>
        protobuf.Root.fromJSON({ nested: { Document: protoMessage(of, kind) } }).lookupType("Document");
      const protoBytes = proto(kind).encode(document).finish();
      const protoReader = proto(wanted);
      const find = (path: readonly (string | number)[]) => {
        finder.reader.reset(bytes);
        return finder.find(path).readAny();
      };
      return [
        { name: "avsc", run: () => reader.fromBuffer(avroBytes, resolver) },
        { name: "protobufjs", run: () => protoReader.decode(protoBytes) },
        ...(finds ? [{ name: "json-pack find", run: () => finds.map(find) }] : []),
      ];
    },
  };
}
