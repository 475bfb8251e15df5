/** A TCP proxy between a client and its server, that treats them as a bad network does. */
import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";

/**
 * - `pass`: bytes go through.
 * - `refuse`: connections are refused, as by a machine without the server; those that stand are cut.
 * - `delay`: every piece waits, in both directions. The order stays.
 * - `cut in mid-reply`: of the next reply on each connection only the first `bytes` come through, then the connection is cut.
 * - `black hole`: connections are taken and nothing comes through, either way, what stands included. No end, no reset. What was sent
 *   meanwhile comes through when the hole ends, as TCP sends again what got lost.
 */
export type ProxyMode =
  | "pass"
  | "refuse"
  | "black hole"
  | { readonly delayMs: number }
  /** @default 1 byte */
  | { readonly cutInMidReply: number };

export interface TcpProxy {
  readonly port: number;
  /** From now on, for connections that stand and for those to come. */
  mode(mode: ProxyMode): Promise<void>;
  /** Resets every connection that stands; new ones are treated by the mode. */
  cut(): void;
  /** How many connections stand now. */
  readonly connections: number;
  stop(): Promise<void>;
}

/** Listens on a free port of 127.0.0.1. @param targetPort of 127.0.0.1; it may be down, and come back */
export async function startProxy(targetPort: number): Promise<TcpProxy> {
  const pairs = new Set<Pair>();
  const state: State = { mode: "pass", open: Promise.resolve() };
  let openHole = () => {};
  let server = createServer({ allowHalfOpen: true });
  const accept = (client: Socket) => {
    const pair = { client, target: connect({ port: targetPort, host: "127.0.0.1", allowHalfOpen: true }) };
    pairs.add(pair);
    client.once("close", () => pairs.delete(pair));
    join(pair, state);
  };
  const listen = async (port: number) => {
    server = createServer({ allowHalfOpen: true }, accept).listen(port, "127.0.0.1");
    await once(server, "listening");
  };
  const cut = () => {
    for (const pair of pairs) reset(pair);
  };
  await listen(0);
  const { port } = server.address() as { port: number };
  return {
    port,
    get connections() {
      return pairs.size;
    },
    async mode(next) {
      state.mode = next;
      openHole();
      if (next === "black hole") {
        state.open = new Promise((resolve) => {
          openHole = resolve;
        });
      }
      if (next === "refuse") {
        const closed = close(server);
        cut();
        await closed;
      } else if (!server.listening) await listen(port);
    },
    cut,
    async stop() {
      const closed = close(server);
      cut();
      openHole();
      await closed;
    },
  };
}

interface State {
  mode: ProxyMode;
  /** Resolved unless there is a black hole; then when it ends. */
  open: Promise<void>;
}

interface Pair {
  readonly client: Socket;
  readonly target: Socket;
}

function reset({ client, target }: Pair): void {
  // An open connection is reset, as by a server that died; one that is not open yet has nothing to reset.
  for (const socket of [client, target]) socket.connecting ? socket.destroy() : socket.resetAndDestroy();
}

function join(pair: Pair, state: State): void {
  const { client, target } = pair;
  for (const socket of [client, target]) socket.on("error", () => reset(pair)).setNoDelay(true);
  carry(client, target, state, () => false);
  carry(target, client, state, (piece) => {
    const { mode } = state;
    if (typeof mode === "string" || !("cutInMidReply" in mode)) return false;
    client.write(piece.subarray(0, mode.cutInMidReply), () => reset(pair));
    return true;
  });
}

/** @param intercept true where it has dealt with the piece itself */
function carry(from: Socket, to: Socket, state: State, intercept: (piece: Buffer) => boolean): void {
  let last: Promise<void> = Promise.resolve();
  const later = (act: () => void) => {
    const { mode } = state;
    const ms = typeof mode === "object" && "delayMs" in mode ? mode.delayMs : 0;
    const due = new Promise<void>((resolve) => setTimeout(resolve, ms));
    last = last
      .then(() => due)
      .then(() => state.open)
      .then(act);
  };
  from.on("data", (piece: Buffer) => {
    if (intercept(piece)) return;
    later(() => {
      if (!to.destroyed) to.write(piece);
    });
  });
  from.on("end", () => later(() => to.end()));
  from.on("close", () => later(() => to.destroy()));
}

async function close(server: Server): Promise<void> {
  if (!server.listening) return;
  const closed = once(server, "close");
  server.close();
  await closed;
}
