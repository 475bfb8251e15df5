/** One consumer of a stream: reads while it has room, says what it still works on, takes over what others left, and gives back what failed. */
import type { Redis } from "ioredis";
import { WeftError } from "../../../base/errors.ts";
import { answerMs, backoffMs } from "../../brokers/deadline.ts";
import type { RedisLink } from "../../brokers/redis.ts";
import { forget, putBack, release, settle, takeOver, touch } from "./redis-scripts.ts";
import { retryDelayMs, type Workers } from "./workers.ts";

export const group = "weft";

export interface RedisConsumerOptions {
  readonly stream: string;
  /** Nobody else's. */
  readonly name: string;
  readonly link: RedisLink;
  /** Blocked while it waits; closed at the end. */
  readonly reader: RedisLink;
  readonly workers: Workers;
  readonly takeOverMs: number;
}

interface Entry {
  readonly id: string;
  readonly failures: number;
  /** How often it was handed out to somebody who then was not heard of any more. */
  readonly lost: number;
  readonly text: string;
}

/** How long a read waits for entries: as long, at most, a waiting message is late. */
const blockMs = 500;
/** Consumers that hold nothing are forgotten after an hour. */
const forgetMs = 3_600_000;

/** @returns ends it: takes no more, waits for handlers under way. Idempotent */
export function startConsumer(options: RedisConsumerOptions): () => Promise<void> {
  const { stream, name, link, reader, workers, takeOverMs } = options;
  const running = new Set<string>();
  let isStopped = false;
  let wake = () => {};
  const pause = (ms: number) =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  const evaluate = (script: string, keys: readonly string[], ...args: readonly (string | number)[]) =>
    link.run((client) => client.eval(script, keys.length, ...keys, ...args));
  const waiting = `${stream}:waiting`;

  const begin = async ({ id, failures, lost, text }: Entry) => {
    if (running.has(id)) return;
    running.add(id);
    const outcome = await workers.run(text, failures + lost + 1, () => !isStopped);
    const settled =
      outcome === "done"
        ? evaluate(settle, [stream], group, id)
        : outcome === "failed"
          ? evaluate(
              putBack,
              [stream, waiting],
              group,
              id,
              retryDelayMs(failures + lost + 1),
              failures + lost + 1,
              text,
            )
          : evaluate(putBack, [stream, waiting], group, id, 0, failures + lost, text);
    // Where Redis is away the entry stays ours, is touched no more, and is taken over in time.
    await settled.catch(() => undefined);
    running.delete(id);
  };
  const settling = new Set<Promise<void>>();
  const start = (entries: readonly Entry[]) => {
    for (const entry of entries) {
      const settled = begin(entry).finally(() => settling.delete(settled));
      settling.add(settled);
    }
  };

  let nextRelease = 0;
  let nextTakeOver = 0;
  const step = async () => {
    if (Date.now() >= nextRelease) {
      nextRelease = Date.now() + blockMs;
      await evaluate(release, [stream, waiting]);
    }
    if (Date.now() >= nextTakeOver && workers.free() > 0) {
      nextTakeOver = Date.now() + takeOverMs / 2;
      start(entriesTaken(await evaluate(takeOver, [stream], group, name, takeOverMs, workers.free())));
      await evaluate(forget, [stream], group, forgetMs, "");
    }
    if (workers.free() > 0 && !isStopped) {
      start(await reader.run((client) => read(client, options), blockMs + answerMs));
    } else await Promise.race([workers.room(), pause(blockMs)]);
  };
  const loop = async () => {
    for (let failures = 0; !isStopped; ) {
      try {
        await step();
        failures = 0;
      } catch (error) {
        failures += 1;
        if (isMissingGroup(error)) {
          await link.run((client) => client.xgroup("CREATE", stream, group, "0", "MKSTREAM")).catch(() => undefined);
        }
        if (!isStopped) await pause(backoffMs(failures));
      }
    }
  };
  const heartbeat = setInterval(() => {
    if (running.size > 0) evaluate(touch, [stream], group, name, ...running).catch(() => undefined);
  }, takeOverMs / 3);

  const looping = loop();
  let ending: Promise<void> | undefined;
  const end = async () => {
    isStopped = true;
    wake();
    await looping;
    await Promise.all(settling);
    clearInterval(heartbeat);
    reader.close();
    // Its name goes too, where it holds nothing.
    await evaluate(forget, [stream], group, forgetMs, name).catch(() => undefined);
  };
  return () => {
    ending ??= end();
    return ending;
  };
}

async function read(client: Redis, { stream, name, workers }: RedisConsumerOptions): Promise<Entry[]> {
  const count = workers.free();
  const answer = await client.xreadgroup(
    "GROUP",
    group,
    name,
    "COUNT",
    count,
    "BLOCK",
    blockMs,
    "STREAMS",
    stream,
    ">",
  );
  const [found] = (answer ?? []) as [string, [string, string[]][]][];
  return (found?.[1] ?? []).map(([id, [, failures = "0", , text = ""]]) => ({
    id,
    failures: Number(failures),
    lost: 0,
    text,
  }));
}

function entriesTaken(answer: unknown): Entry[] {
  const values = answer as string[];
  const entries: Entry[] = [];
  for (let at = 0; at + 3 < values.length; at += 4) {
    const [id = "", lost, failures, text = ""] = values.slice(at, at + 4);
    entries.push({ id, lost: Number(lost), failures: Number(failures), text });
  }
  return entries;
}

/** Somebody has deleted the stream, or Redis came back without its files. */
function isMissingGroup(error: unknown): boolean {
  return (
    error instanceof WeftError && error.cause instanceof Error && /^NOGROUP|no such key/i.test(error.cause.message)
  );
}
