/** Files of a request that is still coming in: those who want one meet it when it is here. */
import type { Readable } from "node:stream";
import { invalid } from "../../../base/errors.ts";
import type { ByteSource } from "../../../model/byte-source.ts";

export interface ArrivedFile {
  readonly stream: Readable;
  readonly type: string | undefined;
}

export interface Arrivals {
  /** Bytes of a file, which may be here or still to come. `type` is known once they flow. */
  source(name: string): ByteSource;
  arrive(name: string, file: ArrivedFile): void;
  /** No more files come. */
  end(): void;
  /** Whoever waits for a file, or reads one, fails. */
  fail(error: unknown): void;
}

interface Waiting {
  resolve(file: ArrivedFile): void;
  reject(error: unknown): void;
}

export function createArrivals(): Arrivals {
  const waiting = new Map<string, Waiting>();
  const lost = new Set<string>();
  /** Here, before anybody wanted them. Small ones lie in memory; a large one holds the sender back. */
  const held = new Map<string, ArrivedFile>();
  const reading = new Set<Readable>();
  let failure: { readonly error: unknown } | undefined;
  let isOver = false;

  const take = (name: string): Promise<ArrivedFile> =>
    new Promise((resolve, reject) => {
      if (failure) return reject(failure.error);
      const here = held.get(name);
      held.delete(name);
      if (here) return resolve(here);
      if (isOver || lost.has(name)) return reject(notHere(name));
      waiting.set(name, { resolve, reject });
      // Whoever else wants one now says so in the same turn of the event loop.
      if (held.size > 0) setImmediate(passHeld);
    });

  /** What is held back must not keep from coming what somebody waits for. */
  const passHeld = () => {
    if (waiting.size === 0) return;
    for (const [name, file] of held) lose(name, file);
    held.clear();
  };

  const lose = (name: string, { stream }: ArrivedFile) => {
    lost.add(name);
    stream.resume();
  };

  async function* read(name: string, onType: (type: string | undefined) => void): AsyncGenerator<Uint8Array> {
    const { stream, type } = await take(name);
    onType(type);
    reading.add(stream);
    try {
      yield* stream.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>;
    } finally {
      reading.delete(stream);
      // What nobody wants any more is read past, so that the parts behind it come.
      stream.resume();
    }
  }

  return {
    source(name) {
      let type: string | undefined;
      return {
        get type() {
          return type;
        },
        [Symbol.asyncIterator]: () =>
          read(name, (known) => {
            type = known;
          }),
      } as ByteSource;
    },
    arrive(name, file) {
      const waiter = waiting.get(name);
      waiting.delete(name);
      if (waiter) waiter.resolve(file);
      else if (waiting.size > 0 || failure) lose(name, file);
      else held.set(name, file);
    },
    end() {
      isOver = true;
      for (const [name, { reject }] of waiting) reject(notHere(name));
      waiting.clear();
    },
    fail(error) {
      if (failure) return;
      failure = { error };
      for (const { reject } of waiting.values()) reject(error);
      waiting.clear();
      for (const { stream } of held.values()) stream.resume();
      held.clear();
      for (const stream of reading) stream.destroy(error instanceof Error ? error : new Error(String(error)));
    },
  };
}

function notHere(name: string) {
  return invalid(["map", name], "The file is not in the request, or not in the order in which its fields use them");
}
