import type { Finding } from "../../../../base/finding.ts";
import { examineRedis } from "../../../../messaging/brokers/redis-findings.ts";
import type { Connection } from "./connection.ts";

export function examineStore({ call }: Connection): Promise<readonly Finding[]> {
  return call((redis) => examineRedis(redis, { oldest: [7, 0], isKept: true }));
}
