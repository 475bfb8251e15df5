import { ConfigurationError } from "../base/errors.ts";
import type { GcCount, GcProgress } from "../features/gc/collect.ts";
import { progressDisplay } from "./progress.ts";
import { onStores } from "./stoppable.ts";

export interface GcArguments {
  readonly config?: string;
  readonly dryRun?: boolean;
  /** `90m`, `24h`, `7d` */
  readonly grace?: string;
  /** Payloads only. */
  readonly payloads?: boolean;
}

/** `weft gc`: exits with 1 where it was stopped. */
export async function gc({ config, dryRun = false, grace, payloads = false }: GcArguments): Promise<void> {
  const display = progressDisplay();
  const options = {
    isDryRun: dryRun,
    ...(grace === undefined ? {} : { graceMs: millisecondsOf(grace) }),
    ...(payloads ? { parts: ["payload" as const] } : {}),
  };
  await onStores(config, async (gateway, isStopped) => {
    for await (const progress of gateway.collectGarbage(options)) {
      if (progress.phase === "done") display.done(resultOf(progress, dryRun));
      else display.show(progress.phase, progress.fraction, lineOf(progress));
      if (isStopped()) return;
    }
  });
}

function lineOf({ phase, fraction, payload, blob }: GcProgress): string {
  if (phase === "walk") return `reading the log: ${Math.floor(fraction * 100)} %`;
  return phase === "blob" ? `blobs: ${countOf(blob)}` : `payloads: ${countOf(payload)}`;
}

function countOf({ seen, orphans }: GcCount): string {
  return `${seen} looked at, ${orphans} named by nothing`;
}

function resultOf({ payload, blob }: GcProgress, isDryRun: boolean): string {
  const verb = isDryRun ? "would be removed" : "removed";
  const of = ({ orphans, bytes }: GcCount) => `${orphans} (${bytes} bytes)`;
  return `${of(payload)} payloads and ${of(blob)} blobs ${verb}`;
}

const units: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

function millisecondsOf(text: string): number {
  const [, count = "", unit = ""] = /^([0-9]{1,6})([mhd])$/.exec(text) ?? [];
  const ms = Number(count) * (units[unit] ?? Number.NaN);
  if (Number.isNaN(ms))
    throw new ConfigurationError("--grace: a number of minutes, hours or days, as in 90m, 24h, 7d.");
  return ms;
}
