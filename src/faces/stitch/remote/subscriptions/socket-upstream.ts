/** Subscriptions over websockets: one for each set of credentials, never one user's for another. */
import { createLine, type Line } from "./line.ts";
import type { Upstream, UpstreamOptions } from "./upstream.ts";

export function createSocketUpstream(options: UpstreamOptions): Upstream {
  const lines = new Map<string, Line>();
  let closed: (() => void) | undefined;

  const lineFor = (credentials: string, headers: Readonly<Record<string, string>>): Line => {
    const known = lines.get(credentials);
    if (known) return known;
    const line = createLine({
      ...options,
      headers,
      onFree() {
        if (lines.get(credentials) === line) lines.delete(credentials);
        if (lines.size === 0) closed?.();
      },
    });
    lines.set(credentials, line);
    return line;
  };

  return {
    open: (payload, { credentials, headers }, sink) => lineFor(credentials, headers).open(payload, sink),
    get sockets() {
      let count = 0;
      for (const line of lines.values()) if (line.hasSocket) count++;
      return count;
    },
    close() {
      if (lines.size === 0) return Promise.resolve();
      return new Promise((resolve) => {
        closed = resolve;
        for (const line of [...lines.values()]) line.close();
      });
    },
  };
}
