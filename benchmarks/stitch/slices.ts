/** Load on one contender, and what it took. */
import { type LoadResult, runLoad } from "../http/load.ts";
import { cpuMicroseconds } from "../http/process.ts";
import type { Contender, Services } from "./contenders.ts";
import { type QuestionName, requestsOf } from "./questions.ts";

export interface Slice {
  readonly requestsPerSecond: number;
  /** Of the gateway's process. */
  readonly cpuMicrosPerRequest: number;
  /** Of the gateway to both services. */
  readonly upstreamPerRequest: number;
}

export interface SliceSettings {
  readonly connections: number;
  readonly seed: number;
  readonly until: { readonly requests: number } | { readonly milliseconds: number };
}

export async function runSlice(
  contender: Contender,
  question: QuestionName,
  { services, ...settings }: SliceSettings & { readonly services: Services },
): Promise<Slice> {
  await services.requests();
  const before = cpuMicroseconds(contender.server.pid);
  const { requests, seconds } = await ask(contender, question, settings);
  return {
    requestsPerSecond: requests / seconds,
    cpuMicrosPerRequest: (cpuMicroseconds(contender.server.pid) - before) / requests,
    upstreamPerRequest: (await services.requests()) / requests,
  };
}

export function ask(
  { server, side }: Contender,
  question: QuestionName,
  { connections, seed, until }: SliceSettings,
): Promise<LoadResult> {
  const next = requestsOf(question, side, seed);
  return runLoad({ port: server.port, path: "/graphql", connections, next, until });
}
