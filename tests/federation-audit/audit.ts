/**
 * The public audit of federation gateways (graphql-hive/federation-gateway-audit), from a folder that the user has fetched and installed:
 * its subgraphs are started as it starts them, its supergraphs and cases read from them, its comparison done as in its src/test.ts.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";

export interface AuditCase {
  readonly query: string;
  readonly expected: { readonly data?: unknown; readonly errors?: boolean };
}

export interface Suite {
  readonly id: string;
  /** What composition makes of the suite's subgraphs. */
  readonly sdl: string;
  readonly cases: readonly AuditCase[];
}

export interface AuditServer {
  suites(ids?: readonly string[]): AsyncGenerator<Suite>;
  stop(): void;
}

/** Of a GraphQL response. */
export interface Answer {
  readonly data?: unknown;
  readonly errors?: readonly unknown[];
}

/** The audit uses Promise.withResolvers, which Node has from 22 on. */
const withResolvers = `Promise.withResolvers ??= function () {
  let resolve, reject;
  const promise = new this((yes, no) => { resolve = yes; reject = no; });
  return { promise, resolve, reject };
};`;

/** @throws where the folder is not the audit, or its server does not start within 30 s */
export async function startAudit(folder: string): Promise<AuditServer> {
  if (!existsSync(join(folder, "src/cli.ts"))) throw new Error(`${folder} is not the audit: it has no src/cli.ts.`);
  if (!existsSync(join(folder, "node_modules/tsx"))) throw new Error(`Run npm install in ${folder} first.`);
  const port = await freePort();
  const polyfill = `data:text/javascript,${encodeURIComponent(withResolvers)}`;
  const child = spawn(
    process.execPath,
    ["--import", polyfill, "--import", "tsx", "src/cli.ts", "serve", "--port", String(port)],
    { cwd: folder, stdio: ["ignore", "ignore", "pipe"] },
  );
  const base = `http://localhost:${port}`;
  await ready(child, base);
  return {
    async *suites(ids) {
      const all = await read<readonly string[]>(`${base}/ids`);
      const unknown = ids?.find((id) => !all.includes(id));
      if (unknown !== undefined) throw new Error(`There is no suite ${unknown}. Known: ${all.join(", ")}.`);
      for (const id of ids ?? all) {
        const sdl = await (await fetch(`${base}/${id}/supergraph`)).text();
        yield { id, sdl, cases: await read<readonly AuditCase[]>(`${base}/${id}/tests`) };
      }
    },
    stop: () => void child.kill(),
  };
}

/** What is wrong with an answer; undefined where it is as the audit wants it. */
export function faultOf({ expected }: AuditCase, answer: Answer): string | undefined {
  // Where a case says nothing of errors, there may be some.
  const errors = typeof expected.errors === "boolean" ? expected.errors : undefined;
  const hasErrors = (answer.errors?.length ?? 0) > 0;
  const isAsWanted =
    isDeepStrictEqual(answer.data ?? null, expected.data ?? null) && (errors === undefined || errors === hasErrors);
  return isAsWanted ? undefined : `wanted ${JSON.stringify(expected)}\n   got ${JSON.stringify(answer)}`;
}

async function ready(child: ChildProcess, base: string): Promise<void> {
  let complaints = "";
  child.stderr?.on("data", (chunk) => {
    complaints += chunk;
  });
  for (const end = Date.now() + 30_000; Date.now() < end; ) {
    if (child.exitCode !== null) break;
    const response = await fetch(`${base}/_health`).catch(() => undefined);
    if (response?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  child.kill();
  throw new Error(`The audit's subgraphs did not start. ${complaints}`);
}

async function read<T>(url: string): Promise<T> {
  const response = await fetch(url, { headers: { accept: "application/json" } });
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  return (await response.json()) as T;
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}
