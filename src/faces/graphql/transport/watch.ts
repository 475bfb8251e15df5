/**
 * What is seen of operations from outside: numbers for metrics, and a span for each as OpenTelemetry's conventions for GraphQL servers call things
 * (https://opentelemetry.io/docs/specs/semconv/graphql/). Without a tracer provider a span costs nothing to speak of: it is not made.
 */
import { context, propagation, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import type { Caller, Operation, Outcome } from "./engine.ts";
import { isEventStream } from "./event-stream.ts";

export interface OperationEvent {
  readonly kind: "query" | "mutation" | "subscription";
  /** "errors": with or without data beside them. */
  readonly outcome: "ok" | "errors";
  /** Of a subscription: until it stands. */
  readonly durationMs: number;
}

export type Watch = (operation: Operation, caller: Caller, run: () => Promise<Outcome>) => Promise<Outcome>;

const tracer = trace.getTracer("weft");

/** @param onOperation called when an operation is answered; must not throw */
export function createWatch(onOperation: ((event: OperationEvent) => void) | undefined): Watch {
  const counted: Watch = async ({ definition }, _caller, run) => {
    if (onOperation === undefined) return run();
    const startedAt = performance.now();
    const outcome = await run();
    const durationMs = performance.now() - startedAt;
    onOperation({ kind: definition.operation, outcome: hasErrors(outcome) ? "errors" : "ok", durationMs });
    return outcome;
  };
  return (operation, caller, run) => {
    const { name, operation: kind } = operation.definition;
    // What the caller's own trace says is read where somebody would go on with it.
    const isPropagated = propagation.fields().length > 0 && caller.headers !== undefined;
    const parent = isPropagated ? propagation.extract(context.active(), caller.headers?.()) : context.active();
    const attributes = { "graphql.operation.type": kind, ...(name && { "graphql.operation.name": name.value }) };
    const span = tracer.startSpan(name ? `${kind} ${name.value}` : kind, { kind: SpanKind.SERVER, attributes }, parent);
    if (!span.isRecording()) return counted(operation, caller, run);
    return context.with(trace.setSpan(parent, span), async () => {
      const outcome = await counted(operation, caller, run);
      if (hasErrors(outcome)) span.setStatus({ code: SpanStatusCode.ERROR });
      span.end();
      return outcome;
    });
  };
}

function hasErrors(outcome: Outcome): boolean {
  return !isEventStream(outcome) && outcome.errors !== undefined;
}
