/**
 * An event stream: the results of one subscription, pulled. The next event is taken from its source when the door asks
 * for it, which is when the last one is on its way to the client; so a slow client holds back its own stream and
 * nobody's memory.
 *
 * Written by hand and not as an async generator, whose `return()` waits for a pending `next()`: here that may be hours.
 */
import type { ExecutionResult } from "graphql";
import { type ErrorCode, WeftError } from "../../../base/errors.ts";

export interface EventStream extends AsyncIterableIterator<ExecutionResult> {
  /** The cursor of the last event handed out; undefined before the first, and where events carry none. */
  readonly cursor: string | undefined;
  /** Ends the stream for its reader with this error and the cursor, and its source with it. */
  fail(code: ErrorCode): void;
  return(): Promise<IteratorResult<ExecutionResult>>;
}

export interface EventStreamOptions {
  readonly source: AsyncIterator<unknown>;
  readonly onEvent: (event: unknown) => Promise<ExecutionResult>;
  /** Asked when an event is handed out. @default the event's own `seq` */
  readonly cursorOf?: (event: unknown) => string | undefined;
  /** Called once, when the stream has ended in whatever way. */
  readonly onEnd: () => void;
}

export function isEventStream(value: object): value is EventStream {
  return Symbol.asyncIterator in value;
}

type Result = IteratorResult<ExecutionResult>;
const done: Result = { done: true, value: undefined };

export function createEventStream({ source, onEvent, onEnd, cursorOf = seqOf }: EventStreamOptions): EventStream {
  let cursor: string | undefined;
  let hasEnded = false;
  let failure: { readonly error: unknown } | undefined;
  /** Settles the pending `next()` when the stream is ended from outside. */
  let interrupt: (() => void) | undefined;

  const end = (error?: { readonly error: unknown }) => {
    if (hasEnded) return;
    hasEnded = true;
    failure = error;
    onEnd();
    // Not awaited: a source in the midst of waiting may answer late, or never.
    Promise.resolve(source.return?.()).catch(() => undefined);
    interrupt?.();
  };

  const take = async (): Promise<Result> => {
    try {
      const next = await source.next();
      if (next.done === true) end();
      if (hasEnded || next.done === true) return done;
      const value = await onEvent(next.value);
      if (hasEnded) return done;
      cursor = cursorOf(next.value) ?? cursor;
      return { done: false, value };
    } catch (error) {
      end({ error });
      return done;
    }
  };

  /** What a stream that has ended answers: its failure once, then that it is done. */
  const ending = (): Result => {
    const last = failure;
    failure = undefined;
    if (last !== undefined) throw last.error;
    return done;
  };

  return {
    get cursor() {
      return cursor;
    },
    async next() {
      if (hasEnded) return ending();
      const interrupted = new Promise<Result>((resolve) => {
        interrupt = () => resolve(done);
      });
      const result = await Promise.race([take(), interrupted]);
      interrupt = undefined;
      return result.done === true ? ending() : result;
    },
    async return() {
      end();
      return done;
    },
    fail(code) {
      end({ error: new WeftError(code, cursor === undefined ? {} : { cursor }) });
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

/** An event of weft's own is a change of the log, and its cursor the decimal text of its `seq`. */
export function seqOf(event: unknown): string | undefined {
  if (typeof event !== "object" || event === null) return undefined;
  const seq: unknown = Reflect.get(event, "seq");
  return typeof seq === "number" ? String(seq) : undefined;
}
