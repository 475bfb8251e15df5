/** What tests of remotes share: things to stop after each test, callers, a log that is kept, and the proof that no rejection went unhandled. */
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, expect, onTestFinished } from "vitest";
import { WeftError } from "../../../../src/base/errors.ts";
import { createRemote } from "../../../../src/faces/stitch/remote/create-remote.ts";
import type { Remote, RemoteCaller, RemoteObserver } from "../../../../src/faces/stitch/remote/remote.ts";
import type { ResumptionOptions } from "../../../../src/faces/stitch/remote/subscriptions/upstream.ts";

type Options = Parameters<typeof createRemote>[0] & {
  readonly resumption?: Partial<ResumptionOptions>;
  readonly keepAliveMs?: number;
};
export type Event = Parameters<NonNullable<RemoteObserver["requested"]>>[0];

const unhandled: unknown[] = [];
process.on("unhandledRejection", (reason) => unhandled.push(reason));

afterEach(async () => {
  // Rejections are told of a turn later.
  await delay(5);
  expect(unhandled.splice(0)).toEqual([]);
});

/** Stopped when the test ends, the last one first. */
export function kept<Thing extends { stop(): Promise<void> } | { close(): Promise<void> }>(thing: Thing): Thing {
  onTestFinished(() => ("stop" in thing ? thing.stop() : thing.close()));
  return thing;
}

export interface Observed {
  readonly remote: Remote;
  readonly requests: Event[];
  readonly breaker: string[];
  readonly subscriptions: { readonly subscriptions: number; readonly sockets: number }[];
}

export function observedRemote(url: string, { resumption, keepAliveMs, ...options }: Partial<Options> = {}): Observed {
  const requests: Event[] = [];
  const breaker: string[] = [];
  const subscriptions: Observed["subscriptions"] = [];
  const remote = createRemote(
    { name: "catalog", url, ...options },
    {
      log: silent,
      resumption,
      keepAliveMs,
      observer: {
        requested: (event) => requests.push(event),
        breakerChanged: ({ state }) => breaker.push(state),
        subscriptionsChanged: ({ service: _service, ...counts }) => subscriptions.push(counts),
      },
    },
  );
  return { remote: kept(remote), requests, breaker, subscriptions };
}

export function remoteAt(url: string, options: Partial<Options> = {}): Remote {
  return observedRemote(url, options).remote;
}

export const silent = { debug: () => {}, info: () => {}, warn: () => {} };
export const system: RemoteCaller = { actor: null, headers: {} };

export function callerWith(headers: Record<string, string>, signal?: AbortSignal): RemoteCaller {
  return { actor: "ann", headers, signal };
}

export function query(text: string, variables?: Record<string, unknown>) {
  return { kind: "query" as const, query: text, variables };
}

/** Code and details of what is thrown; undefined where nothing is. */
export async function failureOf(work: Promise<unknown>): Promise<object | undefined> {
  try {
    await work;
    return undefined;
  } catch (error) {
    if (!(error instanceof WeftError)) throw error;
    return { code: error.code, ...error.details };
  }
}

export function down(reason: string): object {
  return { code: "UPSTREAM_UNAVAILABLE", service: "catalog", reason };
}

/** Waits until it holds, at most 5 s. */
export async function until(holds: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const deadline = performance.now() + 5_000;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`Waited 5 s in vain: ${what}`);
    await delay(5);
  }
}
