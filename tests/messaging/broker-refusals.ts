/** What opening a driver of a broker must answer where that cannot be used. */
import { once } from "node:events";
import { createServer } from "node:net";
import { expect, test } from "vitest";
import { freePort } from "../servers/server-process.ts";

type Scheme = "redis" | "amqp";

const secret = "pass-word-1";

export function brokerRefusals(scheme: Scheme, open: (url: string) => Promise<{ close(): Promise<void> }>): void {
  test("an address where nobody listens is refused in time, by name, without the password", async () => {
    const port = await freePort();
    const error = await open(`${scheme}://user:${secret}@127.0.0.1:${port}`).catch((reason: Error) => reason);
    expect(error).toMatchObject({ code: "STORE_UNAVAILABLE", message: expect.stringContaining(`127.0.0.1:${port}`) });
    expect(String(error)).not.toContain(secret);
  });

  test("a server that takes the connection and says nothing is given up in time", async () => {
    const silent = createServer(() => undefined).listen(0, "127.0.0.1");
    await once(silent, "listening");
    const { port } = silent.address() as { port: number };
    const start = performance.now();
    await expect(open(`${scheme}://127.0.0.1:${port}`)).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
    expect(performance.now() - start).toBeLessThan(12_000);
    silent.close();
  });

  test("a malformed URL or namespace is a configuration error without the password", async () => {
    for (const url of [`${scheme}:nowhere:${secret}`, `${scheme}://user:${secret}@127.0.0.1/?namespace=a%20b`]) {
      const error = await open(url).catch((reason: Error) => reason);
      expect(error).toMatchObject({ name: expect.stringMatching(/ConfigurationError/) });
      expect(String(error)).not.toContain(secret);
    }
  });
}
