import { ConfigurationError, WeftError } from "../../../../base/errors.ts";
import type { Connection } from "./connection.ts";
import { checkDurability, checkVersion, type Durability } from "./durability.ts";

export interface Opening {
  /** Names the server to who starts the gateway. */
  readonly where: string;
  readonly durability: Durability;
  /** Of the layout. @default "1" */
  readonly format?: string;
  connect(): Promise<Connection>;
}

export async function openRedis({ where, durability, connect, format = "1" }: Opening): Promise<Connection> {
  let connection: Connection | undefined;
  try {
    connection = await connect();
    await connection.call(checkVersion);
    await connection.call((redis) => checkDurability(redis, durability));
    const key = `${connection.prefix}format`;
    const found = await connection.call(async (redis) => {
      await redis.setnx(key, format);
      return redis.get(key);
    });
    if (found !== format) throw new ConfigurationError(`${where}: written by a newer weft, in format ${found}.`);
    return connection;
  } catch (error) {
    await connection?.close();
    if (error instanceof ConfigurationError) throw error;
    throw new WeftError("STORE_UNAVAILABLE", { hint: `${where}: ${reasonOf(error)}` }, error);
  }
}

function reasonOf(error: unknown): string {
  const source = error instanceof WeftError && error.cause !== undefined ? error.cause : error;
  if (!(source instanceof Error)) return String(source);
  return source.message || ((source as NodeJS.ErrnoException).code ?? source.name);
}
