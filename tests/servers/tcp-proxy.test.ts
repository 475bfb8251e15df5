/** The proxy that fault tests rely on does what its modes say. */
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { startProxy, type TcpProxy } from "./tcp-proxy.ts";

const sockets = new Set<Socket>();
const echo = createServer((socket) => {
  sockets.add(socket.on("error", () => undefined));
  socket.pipe(socket);
});
let proxy: TcpProxy;

beforeEach(async () => {
  echo.listen(0, "127.0.0.1");
  await once(echo, "listening");
  proxy = await startProxy((echo.address() as { port: number }).port);
});

afterEach(async () => {
  await proxy.stop();
  for (const socket of sockets) socket.destroy();
  sockets.clear();
  echo.close();
  await once(echo, "close");
});

async function client() {
  const socket = connect({ port: proxy.port, host: "127.0.0.1" });
  const events: string[] = [];
  let received = "";
  socket.on("data", (piece: Buffer) => {
    received += piece.toString();
  });
  for (const name of ["end", "close"]) socket.on(name, () => events.push(name));
  socket.on("error", (error: NodeJS.ErrnoException) => events.push(error.code ?? "error"));
  sockets.add(socket);
  await Promise.race([once(socket, "connect"), once(socket, "close")]).catch(() => undefined);
  return { socket, events, received: () => received };
}

describe("tcp proxy", () => {
  test("passes bytes both ways, a megabyte whole", async () => {
    const { socket, received } = await client();
    const sent = "0123456789".repeat(100_000);
    socket.write(sent);
    await vi.waitFor(() => expect(received().length).toBe(sent.length));
    expect(received()).toBe(sent);
  });

  test("refuses: stands for no connection, and takes them again afterwards on the same port", async () => {
    const before = await client();
    await proxy.mode("refuse");
    await vi.waitFor(() => expect(before.events).toContain("close"));
    expect((await client()).events).toContain("ECONNREFUSED");
    await proxy.mode("pass");
    const after = await client();
    after.socket.write("again");
    await vi.waitFor(() => expect(after.received()).toBe("again"));
  });

  test("delays each piece in both directions and keeps their order", async () => {
    await proxy.mode({ delayMs: 100 });
    const { socket, received } = await client();
    const start = performance.now();
    for (const piece of ["a", "b", "c"]) socket.write(piece);
    await vi.waitFor(() => expect(received()).toBe("abc"));
    expect(performance.now() - start).toBeGreaterThan(195);
  });

  test("cuts in mid-reply: so many bytes of it come, then the connection is gone", async () => {
    const { socket, received, events } = await client();
    await proxy.mode({ cutInMidReply: 3 });
    socket.write("a long reply");
    await vi.waitFor(() => expect(events).toContain("close"));
    expect("a long reply".slice(0, 3).startsWith(received())).toBe(true);
    await vi.waitFor(() => expect(proxy.connections).toBe(0));
  });

  test("a black hole holds what is sent on connections old and new, ends none, and gives it out when it ends", async () => {
    const old = await client();
    old.socket.write("1");
    await vi.waitFor(() => expect(old.received()).toBe("1"));
    await proxy.mode("black hole");
    const fresh = await client();
    old.socket.write("2");
    fresh.socket.write("3");
    const witnessed = vi.waitFor(() => expect(old.received() + fresh.received()).not.toBe("1"), { timeout: 300 });
    await expect(witnessed).rejects.toThrow();
    expect([...old.events, ...fresh.events]).toEqual([]);
    await proxy.mode("pass");
    await vi.waitFor(() => expect([old.received(), fresh.received()]).toEqual(["12", "3"]));
  });

  test("cut resets what stands and lets new ones through", async () => {
    const old = await client();
    old.socket.write("1");
    await vi.waitFor(() => expect(old.received()).toBe("1"));
    proxy.cut();
    await vi.waitFor(() => expect(old.events).toContain("close"));
    const fresh = await client();
    fresh.socket.write("2");
    await vi.waitFor(() => expect(fresh.received()).toBe("2"));
  });
});
