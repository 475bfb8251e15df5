/** Old generations: what began with one may finish with it, for a time; at most some are kept. */
import type { GraphQLSchema } from "graphql";

export interface DrainOptions {
  /** How long subscriptions may go on with a schema that is served no more, in ms. */
  readonly drainMs: number;
  /** Ends what still runs by a schema. */
  readonly retire: (schema: GraphQLSchema) => void;
}

/** Older ones are ended when another comes, so that a service that changes all the time fills no memory. */
const maxOld = 4;

/** @returns called with each schema that another has taken the place of */
export function createDrain({ drainMs, retire }: DrainOptions): (previous: GraphQLSchema) => void {
  const timers = new Map<GraphQLSchema, NodeJS.Timeout>();
  const end = (schema: GraphQLSchema) => {
    clearTimeout(timers.get(schema));
    timers.delete(schema);
    retire(schema);
  };
  return (previous) => {
    timers.set(previous, setTimeout(() => end(previous), drainMs).unref());
    const [oldest] = timers.keys();
    if (timers.size > maxOld && oldest !== undefined) end(oldest);
  };
}
