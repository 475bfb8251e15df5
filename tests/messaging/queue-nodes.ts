/** Two nodes of a queue, for its tests. */
import type { Queue } from "../../src/messaging/queue/queue.ts";
import { startProxy, type TcpProxy } from "../servers/tcp-proxy.ts";

export async function openNodes(
  [first, second]: readonly [string, string],
  open: (url: string, report: (error: unknown) => void) => Promise<Queue>,
  end: AsyncDisposable | (() => Promise<void>),
) {
  const reported: unknown[] = [];
  const report = (error: unknown) => void reported.push(error);
  const nodes = [await open(first, report), await open(second, report)] as const;
  const dispose = async () => {
    await Promise.all(nodes.map((node) => node.close()));
    await (typeof end === "function" ? end() : end[Symbol.asyncDispose]());
  };
  return { nodes, reported, [Symbol.asyncDispose]: dispose };
}

/** The same address behind a proxy. */
export async function throughProxy(url: string): Promise<TcpProxy & { readonly url: string }> {
  const proxied = new URL(url);
  const proxy = await startProxy(Number(proxied.port));
  proxied.port = String(proxy.port);
  return Object.assign(proxy, { url: proxied.href });
}
