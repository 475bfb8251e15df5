/** What `weft doctor` tells: each configured part opened by itself, so that one which fails hides no other. */
import { WeftError } from "./base/errors.ts";
import type { Examinable, Finding } from "./base/finding.ts";
import { openPart } from "./drivers.ts";
import { type Environment, type Part, urlVariables } from "./environment.ts";
import type { GatewayOptions } from "./options.ts";

export interface Diagnosis {
  readonly part: Part;
  /** The scheme, or "own" for a store of the user's. */
  readonly kind: string;
  /** The first says whether it can be used at all. */
  readonly findings: readonly Finding[];
}

interface Openable extends Examinable {
  ping(): Promise<void>;
  close(): Promise<void>;
}

/** Parts that are URLs are opened and closed again; stores of the user's own stay open. */
export async function* diagnose(options: GatewayOptions, { urls }: Environment): AsyncGenerator<Diagnosis> {
  for (const part of Object.keys(urlVariables) as Part[]) {
    const source = options[part] ?? urls[part];
    if (typeof source === "string") {
      const kind = source.slice(0, source.indexOf(":"));
      yield { part, kind, findings: await examineUrl(part, source) };
    } else yield { part, kind: "own", findings: await examine(source) };
  }
}

async function examineUrl(part: Part, url: string): Promise<readonly Finding[]> {
  let opened: Openable;
  try {
    opened = await openPart(part, url);
  } catch (error) {
    return [{ subject: "usable", state: "error", text: (error as Error).message }];
  }
  try {
    return await examine(opened);
  } finally {
    await opened.close();
  }
}

async function examine(store: Openable): Promise<readonly Finding[]> {
  const start = performance.now();
  try {
    await store.ping();
    const text = `answers in ${Math.ceil(performance.now() - start)} ms`;
    return [{ subject: "usable", state: "ok", text }, ...((await store.examine?.()) ?? [])];
  } catch (error) {
    const text = error instanceof WeftError ? error.message : `does not answer: ${String(error)}`;
    return [{ subject: "usable", state: "error", text }];
  }
}
