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
export async function* diagnose(options: GatewayOptions, environment: Environment): AsyncGenerator<Diagnosis> {
  const { urls } = environment;
  for (const part of Object.keys(urlVariables) as Part[]) {
    const source = options[part] ?? urls[part];
    if (source === undefined) continue;
    if (typeof source === "string") {
      const kind = source.slice(0, source.indexOf(":"));
      const findings = [...(await examineUrl(part, source)), ...together(part, options, environment)];
      yield { part, kind, findings };
    } else yield { part, kind: "own", findings: [...(await examine(source)), ...together(part, options, environment)] };
  }
}

/** What is well by itself, and not beside the other parts. */
function together(part: Part, options: GatewayOptions, { urls, secret }: Environment): Finding[] {
  const sourceOf = (one: Part) => options[one] ?? urls[one];
  const source = sourceOf(part);
  if (part === "bus" && source !== "local:" && (options.secret ?? secret) === undefined) {
    const text =
      "WEFT_SECRET is unset: links and uploads that one node signs are refused by the others, and by itself after a restart. Set the same text of 32 characters or more on each node";
    return [{ subject: "secret", state: "warning", text }];
  }
  const lasting = storeParts.find((other) => other !== part && isLasting(sourceOf(other)));
  if (storeParts.includes(part) && isMemory(source) && lasting) {
    const text = `gone with this process, while ${urlVariables[lasting]} lasts: neither is of use without the other. Set ${urlVariables[part]} to a store that lasts`;
    return [{ subject: "durability", state: "warning", text }];
  }
  return [];
}

const storeParts: readonly Part[] = ["meta", "payload", "blob"];
const inMemory: ReadonlySet<unknown> = new Set(["memory:", "pglite:memory"]);

function isMemory(source: unknown): boolean {
  return inMemory.has(source);
}

/** Of a store of the user's own nobody knows. */
function isLasting(source: unknown): boolean {
  return typeof source === "string" && !isMemory(source);
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
