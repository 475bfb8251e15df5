/**
 * One operation's requests to services. What is asked of a service in one turn of the event loop is one request: root fields and look-ups
 * side by side, keys of one place in one list.
 */
import type { JsonObject } from "../../../base/json.ts";
import type { FetchPlan } from "../plan/plan.ts";
import type { RemoteCaller, RemoteRequest } from "../remote/remote.ts";
import type { Service } from "../service/service.ts";
import { errorTree, unavailable } from "./failures.ts";
import { keyText, lookUpPart, type Sought, soughtBy } from "./look-up-part.ts";
import type { RemoteObject } from "./remote-object.ts";
import { type Answered, type OperationScope, type Part, type RootField, requestOf, rootPart } from "./request.ts";
import { type PlannedRequest, plannedRequest } from "./shown-plan.ts";

export interface Call {
  readonly caller: RemoteCaller;
  /** A root field: its value in the answer, and the errors below it. @throws GraphQLError */
  root(service: Service, field: RootField): Promise<Answered>;
  /** An object by its key, null where there is none. Equal keys of one turn are looked up once. */
  find(plan: FetchPlan, key: JsonObject, operation: OperationScope): Promise<RemoteObject | null>;
}

interface Batch {
  readonly parts: Part[];
  readonly lookUps: Map<FetchPlan, LookUpBatch>;
}

interface LookUpBatch {
  readonly keys: Map<string, Sought>;
  readonly operation: OperationScope;
}

export interface CallOptions {
  readonly caller: RemoteCaller;
  /** Hears of each service that could not be asked. */
  readonly onUnavailable: (service: Service, error: unknown) => void;
  /** Each request is written down here, where somebody may see it. */
  readonly plan?: PlannedRequest[] | undefined;
}

export function createCall(options: CallOptions): Call {
  const batches = new Map<Service, Batch>();

  const batchOf = (service: Service): Batch => {
    let batch = batches.get(service);
    if (batch === undefined) {
      batch = { parts: [], lookUps: new Map() };
      batches.set(service, batch);
      const full = batch;
      // Behind everything that is ready now: what resolves in this turn asks in this turn.
      Promise.resolve().then(() =>
        process.nextTick(() => {
          batches.delete(service);
          sendBatch(service, full, options);
        }),
      );
    }
    return batch;
  };

  return {
    caller: options.caller,
    root(service, field) {
      return new Promise((resolve, reject) => {
        const part = rootPart(field, resolve, reject);
        if (field.kind === "query") batchOf(service).parts.push(part);
        else send(service, field.kind, [part], options);
      });
    },
    find(plan, key, operation) {
      const { lookUps } = batchOf(plan.service);
      const batch = lookUps.get(plan) ?? { keys: new Map(), operation };
      lookUps.set(plan, batch);
      const text = keyText(key);
      const known = batch.keys.get(text);
      if (known !== undefined) return known.found;
      const sought = soughtBy(key, text);
      batch.keys.set(text, sought);
      return sought.found;
    },
  };
}

/** A request for all that fits into one, and one for each further chunk of keys. */
function sendBatch(service: Service, { parts, lookUps }: Batch, options: CallOptions): void {
  const first = [...parts];
  const further: Part[] = [];
  for (const [plan, { keys, operation }] of lookUps) {
    const sought = [...keys.values()];
    for (let at = 0; at < sought.length; at += service.maxBatchSize) {
      const part = lookUpPart(plan, sought.slice(at, at + service.maxBatchSize), operation);
      (at === 0 ? first : further).push(part);
    }
  }
  for (const together of [first, ...further.map((part) => [part])]) send(service, "query", together, options);
}

function send(service: Service, kind: RemoteRequest["kind"], parts: readonly Part[], options: CallOptions): void {
  const request = requestOf(service, kind, parts);
  options.plan?.push(plannedRequest(service, request));
  service.remote
    .execute(request, options.caller)
    .then(({ data, errors }) => {
      const tree = errorTree(errors, service);
      parts.forEach((part, at) => {
        part.deliver(data ?? {}, tree, at);
      });
    })
    // What cannot be made anything of is as good as no answer: whoever waits for it is told.
    .catch((error: unknown) => {
      options.onUnavailable(service, error);
      const told = unavailable(service, error);
      for (const part of parts) part.fail(told);
    });
}
