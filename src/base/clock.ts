/** Where times come from. Times are stored with millisecond precision, in UTC. */
export type Clock = () => Date;

export const systemClock: Clock = () => new Date();
