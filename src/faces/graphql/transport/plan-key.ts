/** Who may see how an operation is spread over other services: who holds the key. */
import { createHash, timingSafeEqual } from "node:crypto";
import { ConfigurationError } from "../../../base/errors.ts";
import type { EngineOptions } from "./engine.ts";

/** @throws ConfigurationError for a key that could be guessed */
export function planShower(key: string | undefined): EngineOptions["showsPlan"] {
  if (key === undefined) return undefined;
  if (key.length < 16) throw new ConfigurationError("planKey: at least 16 characters.");
  const wanted = digest(key);
  return ({ headers }) => {
    const given = headers?.()["x-weft-plan"];
    return given !== undefined && timingSafeEqual(digest(given), wanted);
  };
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
