/**
 * What Prometheus reads at `GET /metrics`, in its text format: this process, the operations it answers, the services it asks, and how far the meta store
 * is behind its fast one. Numbers are kept from the start, whenever they are first read.
 */
import { createRequire } from "node:module";
import type { Registry } from "prom-client";
import type { OperationEvent } from "./faces/graphql/transport/watch.ts";
import type { Route } from "./faces/http/route.ts";
import type { RemoteObserver } from "./faces/stitch/remote/remote.ts";
import type { ReloadedService } from "./faces/stitch/stitch.ts";
import type { Lag } from "./stores/meta/fast-slow/fast-slow.ts";

export interface Metrics {
  readonly route: Route;
  readonly onOperation: (event: OperationEvent) => void;
  readonly remotes: RemoteObserver;
  readonly onGeneration: (number: number) => void;
  readonly onReload: (reloaded: ReloadedService) => void;
}

/** In seconds: from what memory answers to what a deadline ends. */
const durations = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const breakerStates = { closed: 0, "half-open": 1, open: 2 } as const;

type Prometheus = typeof import("prom-client");

/** @param lag undefined where there is no fast meta store */
export function createMetrics(lag: () => Lag | undefined): Metrics {
  // Loaded where it is wanted: it takes 50 ms.
  const prometheus = createRequire(import.meta.url)("prom-client") as Prometheus;
  const register = new prometheus.Registry();
  let isComplete = false;
  return {
    ...operationMetrics(prometheus, register),
    ...remoteMetrics(prometheus, register),
    route: routeOf(async () => {
      if (!isComplete) {
        isComplete = true;
        prometheus.collectDefaultMetrics({ register });
        if (lag() !== undefined) addLag(prometheus, register, lag);
      }
      return { type: register.contentType, body: await register.metrics() };
    }),
  };
}

function operationMetrics({ Histogram }: Prometheus, register: Registry): Pick<Metrics, "onOperation"> {
  const seconds = new Histogram({
    name: "weft_operation_duration_seconds",
    help: "GraphQL operations that were answered; of subscriptions, until they stand.",
    labelNames: ["kind", "outcome"],
    buckets: durations,
    registers: [register],
  });
  return { onOperation: ({ kind, outcome, durationMs }) => seconds.observe({ kind, outcome }, durationMs / 1000) };
}

function remoteMetrics(
  { Counter, Gauge, Histogram }: Prometheus,
  register: Registry,
): Pick<Metrics, "remotes" | "onGeneration" | "onReload"> {
  const registers = [register];
  const service = ["service"] as const;
  const seconds = new Histogram({
    name: "weft_remote_request_duration_seconds",
    help: "Requests to other services, each attempt by itself.",
    labelNames: ["service", "kind", "outcome"],
    buckets: durations,
    registers,
  });
  const retries = new Counter({
    name: "weft_remote_retries_total",
    help: "Attempts behind the first.",
    labelNames: service,
    registers,
  });
  const keys = new Histogram({
    name: "weft_remote_batch_size",
    help: "Most keys in one look-up of a request.",
    labelNames: service,
    buckets: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000],
    registers,
  });
  const breaker = new Gauge({
    name: "weft_remote_breaker_state",
    help: "0: closed, 1: half open, 2: open.",
    labelNames: service,
    registers,
  });
  const streams = new Gauge({
    name: "weft_remote_subscriptions",
    help: "Upstream subscriptions that are open.",
    labelNames: service,
    registers,
  });
  const sockets = new Gauge({
    name: "weft_remote_sockets",
    help: "Sockets under them.",
    labelNames: service,
    registers,
  });
  const generation = new Gauge({
    name: "weft_schema_generation",
    help: "Of the schema that serves; each change counts one.",
    registers,
  });
  const reloads = new Counter({
    name: "weft_schema_reloads_total",
    help: "Questions to services for their schemas.",
    labelNames: ["service", "outcome"],
    registers,
  });
  return {
    remotes: {
      requested({ service, kind, outcome, durationMs, retry, batchSize }) {
        seconds.observe({ service, kind, outcome }, durationMs / 1000);
        if (retry > 0) retries.inc({ service });
        keys.observe({ service }, batchSize);
      },
      breakerChanged: ({ service, state }) => breaker.set({ service }, breakerStates[state]),
      subscriptionsChanged({ service, ...open }) {
        streams.set({ service }, open.subscriptions);
        sockets.set({ service }, open.sockets);
      },
    },
    onGeneration: (number) => generation.set(number),
    onReload: ({ service, outcome }) => reloads.inc({ service, outcome }),
  };
}

function addLag({ Gauge }: Prometheus, register: Registry, lag: () => Lag | undefined): void {
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
}

function routeOf(answer: () => Promise<{ readonly type: string; readonly body: string }>): Route {
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
