/** The last good schema of each service, kept so that a gateway starts while a service is down. */
import { mkdir, open, readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import { isJsonObject } from "../../../base/json.ts";
import type { ToldSchema } from "./ask-schema.ts";

export interface KeptSchemas {
  /** Undefined where none is kept, or what is kept cannot be read. */
  read(service: string): Promise<ToldSchema | undefined>;
  write(service: string, schema: ToldSchema): Promise<void>;
}

/** Kept for the life of the process only. */
export function memorySchemas(): KeptSchemas {
  const kept = new Map<string, ToldSchema>();
  return {
    read: async (service) => kept.get(service),
    async write(service, schema) {
      kept.set(service, schema);
    },
  };
}

/** One JSON file a service; a crash leaves the old one or the new one. */
export function diskSchemas(directory: string): KeptSchemas {
  const pathOf = (service: string) => join(directory, `${encodeURIComponent(service)}.json`);
  return {
    async read(service) {
      const text = await readFile(pathOf(service), "utf8").catch(() => undefined);
      try {
        const kept: unknown = text === undefined ? undefined : JSON.parse(text);
        if (!isJsonObject(kept) || typeof kept.sdl !== "string") return undefined;
        return { sdl: kept.sdl, isSubgraph: kept.isSubgraph === true };
      } catch {
        return undefined;
      }
    },
    async write(service, schema) {
      await mkdir(directory, { recursive: true });
      const path = pathOf(service);
      const temporary = `${path}.${process.pid}.tmp`;
      const file = await open(temporary, "w");
      try {
        await file.writeFile(JSON.stringify(schema));
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(temporary, path);
    },
  };
}
