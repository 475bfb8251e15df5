/** What Prometheus reads at `GET /metrics`, in its text format: this process, and how far the meta store is behind its fast one. */
import type { Registry } from "prom-client";
import type { Route } from "./faces/http/route.ts";
import type { Lag } from "./stores/meta/fast-slow/fast-slow.ts";

/** @param lag undefined where there is no fast meta store */
export function createMetricsRoute(lag: () => Lag | undefined): Route {
  let opening: Promise<Registry> | undefined;
  const answer = async () => {
    opening ??= createRegistry(lag);
    const registry = await opening;
    return { type: registry.contentType, body: await registry.metrics() };
  };
  return {
    path: "/metrics",
    async handle(_request, response) {
      const { type, body } = await answer();
      response.writeHead(200, { "content-type": type, "cache-control": "no-store" }).end(body);
    },
    async fetch() {
      const { type, body } = await answer();
      return new Response(body, { headers: { "content-type": type, "cache-control": "no-store" } });
    },
  };
}

async function createRegistry(lag: () => Lag | undefined): Promise<Registry> {
  const { collectDefaultMetrics, Gauge, Registry } = await import("prom-client");
  const register = new Registry();
  collectDefaultMetrics({ register });
  if (lag() === undefined) return register;
  new Gauge({
    name: "weft_meta_fast_pending_changes",
    help: "Changes that the fast meta store has acknowledged and the slower one has not got yet.",
    registers: [register],
    collect() {
      this.set(lag()?.changes ?? 0);
    },
  });
  new Gauge({
    name: "weft_meta_fast_lag_seconds",
    help: "Since this node heard of the oldest of them.",
    registers: [register],
    collect() {
      this.set((lag()?.ms ?? 0) / 1000);
    },
  });
  return register;
}
