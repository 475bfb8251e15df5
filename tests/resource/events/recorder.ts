/** A gateway on memory stores, and a record of what its handlers were told. */
import { Writable } from "node:stream";
import { pino } from "pino";
import {
  createGateway,
  type EventHandler,
  type Gateway,
  type GatewayOptions,
  type ResourceEvent,
} from "../../../src/index.ts";

export interface OpenGateway extends AsyncDisposable {
  readonly gateway: Gateway;
  /** What was logged as an error. */
  readonly reports: { readonly where?: string; readonly err?: { readonly message: string } }[];
}

export function openGateway(options: GatewayOptions = {}): OpenGateway {
  const reports: OpenGateway["reports"] = [];
  const sink = new Writable({
    write(line, _encoding, done) {
      reports.push(JSON.parse(String(line)));
      done();
    },
  });
  const gateway = createGateway({
    ...{ meta: "memory:", payload: "memory:", blob: "memory:", logger: pino({ level: "error" }, sink), pollMs: 20 },
    ...options,
  });
  return { gateway, reports, [Symbol.asyncDispose]: () => gateway.close() };
}

export interface Recorder extends EventHandler {
  /** `create.before Item`. */
  readonly log: string[];
  readonly events: ResourceEvent[];
}

/**
 * Writes down events: those of counts and streams apart, which tests look with.
 * @param look what else is done with each
 */
export function recorder(look?: (event: ResourceEvent) => unknown, isMeant = isWriteOrGet): Recorder {
  const log: string[] = [];
  const events: ResourceEvent[] = [];
  return {
    log,
    events,
    isSupported: ({ action }) => isMeant(action),
    async handle(event) {
      log.push(`${event.action}.${event.phase} ${event.model}`);
      events.push(event);
      await look?.(event);
    },
  };
}

function isWriteOrGet(action: string): boolean {
  return action !== "getMany" && action !== "subscribe";
}
