/** The Pothos builder of a gateway: weft's own types go through it, and so do fields that users add. */
import SchemaBuilder from "@pothos/core";
import DataloaderPlugin from "@pothos/plugin-dataloader";
import RelayPlugin from "@pothos/plugin-relay";
import { ConfigurationError } from "../../base/errors.ts";
import type { ByteSource } from "../../model/byte-source.ts";
import type { GraphqlContext } from "./context.ts";
import { decodeGlobalId } from "./global-id.ts";
import { resolveNodeType } from "./resource/resolve-type.ts";

interface BuilderTypes {
  Context: GraphqlContext;
  Scalars: {
    ID: { Input: string; Output: string };
    /** RFC 3339 with a zone, in UTC where weft has stored it. */
    DateTime: { Input: string; Output: string | Date };
    /** YYYY-MM-DD. */
    Date: { Input: string; Output: string };
    /** Decimal text. */
    BigInt: { Input: string; Output: string | number | bigint };
    JSON: { Input: unknown; Output: unknown };
    /** A file of a multipart request. */
    Upload: { Input: ByteSource; Output: never };
    JSONPatch: { Input: readonly unknown[]; Output: readonly unknown[] };
  };
}

export type GraphqlTypes = PothosSchemaTypes.ExtendDefaultTypes<BuilderTypes>;
export type GraphqlBuilder = PothosSchemaTypes.SchemaBuilder<GraphqlTypes>;

export function createBuilder(): GraphqlBuilder {
  return new SchemaBuilder<BuilderTypes>({
    plugins: [RelayPlugin, DataloaderPlugin],
    relay: {
      cursorType: "String",
      decodeGlobalID: decodeGlobalId,
      nodeTypeOptions: {
        description: "Anything with an id that is unique in the whole API.",
        resolveType: resolveNodeType,
      },
      pageInfoTypeOptions: { description: "Where a page lies (https://relay.dev/graphql/connections.htm)." },
      // root/node.ts answers each malformed id at its own place; the plugin's fields would fail as a whole.
      nodeQueryOptions: false,
      nodesQueryOptions: false,
    },
  });
}

/** Makes every later use of the builder fail, by name: what it would add could not be in the schema any more. */
export function closeBuilder(builder: GraphqlBuilder): void {
  for (let object: object = builder; object !== Object.prototype; object = Object.getPrototypeOf(object)) {
    for (const name of Object.getOwnPropertyNames(object)) {
      if (name === "constructor" || typeof Reflect.get(builder, name) !== "function") continue;
      refuseCalls(
        builder,
        name,
        "comes too late: the schema is built. Add types and fields before schema(), fetch() and listen()",
      );
    }
  }
}

/** @param reason follows the name of the method: `builder.queryField() <reason>.` */
export function refuseCalls(builder: GraphqlBuilder, method: string, reason: string): void {
  const refuse = () => {
    throw new ConfigurationError(`builder.${method}() ${reason}.`);
  };
  Object.defineProperty(builder, method, { value: refuse, configurable: true });
}
