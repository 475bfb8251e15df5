import { createHash } from "node:crypto";

/** A Lua script of Redis, which knows it by the SHA-1 of its text once it has seen it. */
export interface Script {
  readonly lua: string;
  readonly sha: string;
}

export function script(lua: string): Script {
  return { lua, sha: createHash("sha1").update(lua).digest("hex") };
}
