/**
 * Watches the log for changes of models, for whoever keeps what it has read of them.
 *
 * Changes of this process are told before they are answered (`PermissionHost.rules`); those of other nodes when the log shows them, which is within
 * the gateway's `pollMs` at the latest. Where the log cannot be followed any more, that is told as a change, and it is followed anew before
 * the next reading: while it cannot be, reading fails.
 */
import type { Operation } from "../../../resource/operation.ts";
import { type Model, operationOf } from "../../../resource/registry.ts";
import type { Services } from "../../../resource/services.ts";
import { createSession } from "../../../resource/session.ts";

export interface Watch {
  /** Will every later change be told? */
  readonly isFollowing: boolean;
  /** Resolves when every later change will be told. @throws what following the log throws: STORE_UNAVAILABLE, SHUTTING_DOWN */
  follow(): Promise<void>;
}

export interface WatchOptions {
  readonly services: () => Promise<Services>;
  readonly models: readonly Model[];
  readonly onChange: () => void;
}

export function createWatch({ services, models, onChange }: WatchOptions): Watch {
  let following: Promise<void> | undefined;
  let isFollowing = false;

  async function start(): Promise<void> {
    const opened = await services();
    const streams: AsyncIterator<unknown>[] = [];
    let isOver = false;
    const end = () => {
      if (isOver) return;
      isOver = true;
      isFollowing = false;
      following = undefined;
      for (const stream of streams) stream.return?.().catch(() => undefined);
      onChange();
    };
    try {
      for (const model of models) streams.push((await changesOf(model, opened))[Symbol.asyncIterator]());
    } catch (error) {
      end();
      throw error;
    }
    isFollowing = true;
    // Whoever reads next follows anew, and hears what is wrong.
    for (const stream of streams) drain(stream, onChange).then(end, end);
  }

  return {
    get isFollowing() {
      return isFollowing;
    },
    follow() {
      following ??= start().catch((error) => {
        following = undefined;
        throw error;
      });
      return following;
    },
  };
}

/** The operation itself, not a call of it: no policies, no events. */
function changesOf(model: Model, services: Services): Promise<AsyncIterable<unknown>> {
  const operation = operationOf(model, "changes") as Operation<object, Promise<AsyncIterable<unknown>>> | undefined;
  if (operation === undefined) throw new Error(`${model.definition.modelName} has no changes`);
  const session = createSession(services, { actor: null, isRoot: true });
  return operation.run({ model, services, session }, {});
}

async function drain(stream: AsyncIterator<unknown>, onChange: () => void): Promise<void> {
  while ((await stream.next()).done !== true) onChange();
}
