/**
 * The generated client over a database that is connected already, for reads that are rare. It is loaded and started
 * with the first of them, which takes 150 ms.
 */
import type { SqlDriverAdapterFactory } from "@prisma/client/runtime/client";
import type { Database } from "./database.ts";

export interface RareReads {
  payloadKeys(resourceId: string): Promise<string[]>;
  close(): Promise<void>;
}

export function rareReads(database: Database): RareReads {
  let connected: ReturnType<typeof connect> | undefined;
  return {
    async payloadKeys(resourceId) {
      connected ??= connect(database);
      const client = await connected;
      // In this order: what an edit takes away from a revision between the two reads, the log still names.
      const revisions = await client.revision.findMany({ where: { resourceId }, select: { payloadKey: true } });
      const changes = await client.change.findMany({
        where: { resourceId },
        select: { payloadKey: true },
        distinct: ["payloadKey"],
      });
      const keys = [...revisions, ...changes].map(({ payloadKey }) => payloadKey);
      return [...new Set(keys.filter((key) => key !== null))];
    },
    async close() {
      await (await connected)?.$disconnect();
    },
  };
}

async function connect({ adapter }: Database) {
  const { PrismaClient } = await import("./generated/client.ts");
  return new PrismaClient({ adapter: factoryOf(adapter) });
}

/** A factory for the client that hands out the connected adapter, and keeps the client from closing it. */
function factoryOf(adapter: Database["adapter"]): SqlDriverAdapterFactory {
  const { provider, adapterName } = adapter;
  const shared: Database["adapter"] = {
    provider,
    adapterName,
    queryRaw: (query) => adapter.queryRaw(query),
    executeRaw: (query) => adapter.executeRaw(query),
    executeScript: (script) => adapter.executeScript(script),
    startTransaction: (isolationLevel) => adapter.startTransaction(isolationLevel),
    getConnectionInfo: () => adapter.getConnectionInfo?.() ?? { supportsRelationJoins: true },
    dispose: async () => undefined,
  };
  return { provider, adapterName, connect: async () => shared };
}
