/** Clients of a gateway under test: over HTTP, over one websocket each, over event streams. */
import { setTimeout as delay } from "node:timers/promises";
import WebSocket from "ws";

export interface Told {
  readonly data?: Readonly<Record<string, unknown>> | null;
  readonly errors?: readonly {
    readonly message: string;
    readonly path?: readonly (string | number)[];
    readonly extensions?: Readonly<Record<string, unknown>>;
  }[];
}

export interface AskOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly signal?: AbortSignal;
}

export async function ask(url: string, query: string, options: AskOptions = {}): Promise<Told> {
  const { headers, variables, signal = null } = options;
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify({ query, variables }),
    signal,
  });
  return (await response.json()) as Told;
}

/** Paths and codes of errors, in order. */
export function faultsIn({ errors = [] }: Told): readonly string[] {
  return errors.map(({ path, extensions }) => `${(path ?? []).join(".")} ${extensions?.code}`).sort();
}

export interface SocketClient extends Disposable {
  readonly socket: WebSocket;
  run(query: string, variables?: Readonly<Record<string, unknown>>): Running;
}

/** What one id of a websocket, or one event stream, was told. */
export interface Running {
  readonly events: Told[];
  /** By which it was ended: none where it was completed. */
  readonly errors: NonNullable<Told["errors"]>[];
  isComplete: boolean;
  stop(): void;
}

type Message = { readonly id?: string; readonly type: string; readonly payload?: unknown };

export async function connect(url: string, params?: object, headers: object = {}): Promise<SocketClient> {
  const socket = new WebSocket(url.replace(/^http/, "ws"), "graphql-transport-ws", { headers: { ...headers } });
  const running = new Map<string, { -readonly [Key in keyof Running]: Running[Key] }>();
  let last = 0;
  const ready = new Promise<void>((resolve, reject) => {
    socket.on("error", reject);
    socket.on("close", (code, reason) => reject(new Error(`${code} ${reason}`)));
    socket.on("open", () => socket.send(JSON.stringify({ type: "connection_init", payload: params })));
    socket.on("message", (data) => {
      const { id = "", type, payload } = JSON.parse(String(data)) as Message;
      if (type === "connection_ack") resolve();
      if (type === "ping") socket.send('{"type":"pong"}');
      const one = running.get(id);
      if (type === "next") one?.events.push(payload as Told);
      if (type === "error") one?.errors.push(payload as NonNullable<Told["errors"]>);
      if (one && (type === "error" || type === "complete")) one.isComplete = true;
    });
  });
  await ready;
  return {
    socket,
    run(query, variables) {
      const id = String(++last);
      const stop = () => socket.send(JSON.stringify({ id, type: "complete" }));
      const one = { events: [], errors: [], isComplete: false, stop };
      running.set(id, one);
      socket.send(JSON.stringify({ id, type: "subscribe", payload: { query, variables } }));
      return one;
    },
    [Symbol.dispose]: () => socket.terminate(),
  };
}

/** An event stream: `stop()` goes away without a word. */
export function stream(url: string, query: string, options: AskOptions = {}): Running {
  const { headers, variables } = options;
  const left = new AbortController();
  const events: Told[] = [];
  const errors: NonNullable<Told["errors"]>[] = [];
  const one = { events, errors, isComplete: false, stop: () => left.abort() };
  const read = async () => {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json", accept: "text/event-stream", ...headers },
      body: JSON.stringify({ query, variables }),
      signal: left.signal,
    });
    let text = "";
    for await (const piece of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      text += piece;
      const blocks = text.split("\n\n");
      text = blocks.pop() ?? "";
      for (const block of blocks) {
        const event = /^event: ?(.*)$/m.exec(block)?.[1];
        const data = /^data: ?(.*)$/m.exec(block)?.[1];
        if (event === "complete") one.isComplete = true;
        if (event !== "next" || !data) continue;
        const told = JSON.parse(data) as Told;
        if (told.data == null && told.errors) errors.push(told.errors);
        else events.push(told);
      }
    }
  };
  read()
    .catch(() => {})
    .finally(() => {
      one.isComplete = true;
    });
  return one;
}

export interface Load {
  readonly answers: Told[];
  readonly slowestMs: number;
  /** Waits for what is under way. */
  stop(): Promise<void>;
}

/** Asks the same again and again, so many at once. */
export function load(question: () => Promise<Told>, { atOnce = 4, pauseMs = 5 } = {}): Load {
  const answers: Told[] = [];
  let slowestMs = 0;
  let isOver = false;
  const one = async () => {
    while (!isOver) {
      const startedAt = performance.now();
      answers.push(await question());
      slowestMs = Math.max(slowestMs, performance.now() - startedAt);
      await delay(pauseMs);
    }
  };
  const all = Promise.all(Array.from({ length: atOnce }, one));
  all.catch(() => {});
  return {
    answers,
    get slowestMs() {
      return slowestMs;
    },
    async stop() {
      isOver = true;
      await all;
    },
  };
}
