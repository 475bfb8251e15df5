/** One connection to an AMQP 0-9-1 broker that comes back by itself, with all that was set up on it. */
import type { Socket } from "node:net";
import { type Channel, type ChannelModel, type ConfirmChannel, connect } from "amqplib";
import { WeftError } from "../../base/errors.ts";
import { answerMs, backoffMs, within } from "./deadline.ts";
import { type BrokerPlace, unreachable } from "./place.ts";

export interface AmqpSession {
  /** A channel whose end, whoever ends it, ends the session: a new one is then made. */
  openChannel(): Promise<Channel>;
  openConfirmChannel(): Promise<ConfirmChannel>;
  /** Gives the connection up; a new one is made. */
  fail(reason: unknown): void;
  /** What the broker says it is. */
  readonly server: { readonly product?: unknown; readonly version?: unknown };
  /** Why the broker takes no messages now; undefined where it has not said so. */
  blockedBy(): string | undefined;
}

export interface AmqpLink<State> {
  /** What `setUp` has made of the connection that stands. STORE_UNAVAILABLE where none does. */
  state(): State;
  /** Called each time the connection that stood is lost or given up, with the reason; not by `close`. Must not throw. */
  onLoss(listener: (reason: unknown) => void): void;
  /** Called each time a connection stands and is set up again. Never for the first. Must not throw. */
  onReturn(listener: (state: State) => void): void;
  /** Ends at once, what is under way included. Idempotent. */
  close(): Promise<void>;
}

export interface AmqpOptions<State> {
  readonly place: BrokerPlace;
  /** Called for each connection, before anybody uses it. Where it throws, the connection is given up and tried again. */
  setUp(session: AmqpSession): Promise<State>;
}

/** A connection that is silent for two of these, in seconds, is lost. */
const heartbeatSeconds = 5;
/** For the broker to say goodbye. */
const closeMs = 1000;

/** @throws WeftError STORE_UNAVAILABLE with the reason, where the first connection fails */
export async function openAmqp<State>({ place, setUp }: AmqpOptions<State>): Promise<AmqpLink<State>> {
  const lossListeners: ((reason: unknown) => void)[] = [];
  const returnListeners: ((state: State) => void)[] = [];
  let current: { readonly state: State; readonly connection: ChannelModel } | undefined;
  let lastError: unknown;
  let isClosed = false;
  let retry: NodeJS.Timeout | undefined;
  const pending = new Set<ChannelModel>();

  async function open(): Promise<void> {
    const connection = await openConnection(place);
    if (isClosed) return end(connection);
    let isLost = false;
    const lose = (reason: unknown) => {
      if (isLost) return;
      isLost = true;
      lastError = reason ?? new Error("the broker closed the connection");
      const wasCurrent = current?.connection === connection;
      if (wasCurrent) current = undefined;
      if (wasCurrent) for (const listener of lossListeners) listener(lastError);
      void end(connection);
      if (wasCurrent) reopen(1);
    };
    connection.on("error", lose);
    connection.on("close", lose);
    pending.add(connection);
    try {
      const state = await within(answerMs * 4, setUp(sessionOn(connection, lose)));
      if (isClosed || isLost) throw lastError ?? new Error("the connection was closed");
      current = { state, connection };
    } catch (error) {
      lose(error);
      throw error;
    } finally {
      pending.delete(connection);
    }
  }

  function reopen(attempt: number): void {
    if (isClosed) return;
    retry = setTimeout(() => {
      open().then(
        () => {
          // Closed or lost again already: then there is nothing to tell, or soon once more.
          const returned = current;
          if (returned) for (const listener of returnListeners) listener(returned.state);
        },
        (error) => {
          lastError = error;
          reopen(attempt + 1);
        },
      );
    }, backoffMs(attempt));
  }

  await open().catch((error) => {
    throw unreachable(place, error);
  });
  return {
    state() {
      if (!current) throw new WeftError("STORE_UNAVAILABLE", {}, lastError);
      return current.state;
    },
    onLoss: (listener) => void lossListeners.push(listener),
    onReturn: (listener) => void returnListeners.push(listener),
    async close() {
      isClosed = true;
      clearTimeout(retry);
      lastError = new Error("closed");
      const connections = [...pending, ...(current ? [current.connection] : [])];
      current = undefined;
      await Promise.all(connections.map(end));
    },
  };
}

async function openConnection({ url }: BrokerPlace): Promise<ChannelModel> {
  const withHeartbeat = new URL(url);
  if (!withHeartbeat.searchParams.has("heartbeat")) {
    withHeartbeat.searchParams.set("heartbeat", String(heartbeatSeconds));
  }
  // The limit is one of silence, until the connection is open.
  return connect(withHeartbeat.href, { timeout: answerMs, noDelay: true });
}

function sessionOn(connection: ChannelModel, fail: (reason: unknown) => void): AmqpSession {
  const watch = <C extends Channel>(channel: C): C => {
    channel.on("error", fail);
    channel.on("close", () => fail(new Error("the broker closed the channel")));
    return channel;
  };
  let blockedBy: string | undefined;
  connection.on("blocked", (reason: string) => {
    blockedBy = reason;
  });
  connection.on("unblocked", () => {
    blockedBy = undefined;
  });
  return {
    server: connection.connection.serverProperties,
    blockedBy: () => blockedBy,
    openChannel: async () => watch(await connection.createChannel()),
    openConfirmChannel: async () => watch(await connection.createConfirmChannel()),
    fail,
  };
}

/** Says goodbye, and where nobody answers drops the socket: the library waits for the other side without end. */
async function end(connection: ChannelModel): Promise<void> {
  await within(closeMs, connection.close()).catch(() => undefined);
  (connection.connection as { readonly stream?: Socket }).stream?.destroy();
}
