/** Requests to services as spans of OpenTelemetry, below that of the operation that asks. Where nobody listens, none is made. */
import { context, propagation, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import type { Remote } from "./remote.ts";

const tracer = trace.getTracer("weft");

export function tracedRemote(remote: Remote): Remote {
  return {
    ...remote,
    execute(request, caller) {
      const attributes = {
        "graphql.operation.type": request.kind,
        "weft.service": remote.name,
        "weft.batch_size": request.batchSize ?? 1,
      };
      const span = tracer.startSpan(`${remote.name} ${request.kind}`, { kind: SpanKind.CLIENT, attributes });
      if (!span.isRecording()) return remote.execute(request, caller);
      return context.with(trace.setSpan(context.active(), span), async () => {
        try {
          const result = await remote.execute(request, caller);
          if (result.errors !== undefined) span.setStatus({ code: SpanStatusCode.ERROR });
          return result;
        } catch (error) {
          span.setStatus({
            code: SpanStatusCode.ERROR,
            message: error instanceof Error ? error.message : String(error),
          });
          throw error;
        } finally {
          span.end();
        }
      });
    },
  };
}

/** With the trace that is going on, where somebody propagates it (W3C Trace Context, and whatever else is registered). */
export function withTrace(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  if (propagation.fields().length === 0) return headers;
  const carrier: Record<string, string> = {};
  propagation.inject(context.active(), carrier);
  return Object.assign(carrier, headers);
}
