/**
 * Health, for load balancers and orchestrators: `/health/live` answers as long as the process turns its event loop,
 * `/health/ready` where requests would be served: every store answers and nobody has asked us to stop.
 */
export interface Health {
  /** By store, "ok" or what is wrong, in words without secrets. Called at every probe. A throw counts as not ready. */
  check(): Promise<Readonly<Record<string, string>>>;
  isShuttingDown(): boolean;
}

export interface HealthAnswer {
  readonly status: 200 | 503;
  readonly body: { readonly status: string; readonly checks?: Readonly<Record<string, string>> };
}

const probeTimeoutMs = 2000;

/** The answer to a probe; undefined where the path is none. */
export async function answerHealth(path: string, health: Health): Promise<HealthAnswer | undefined> {
  if (path === "/health/live") return { status: 200, body: { status: "live" } };
  if (path !== "/health/ready") return undefined;
  if (health.isShuttingDown()) return { status: 503, body: { status: "shutting down" } };
  const checks = await checkInTime(health);
  const isReady = Object.values(checks).every((state) => state === "ok");
  return { status: isReady ? 200 : 503, body: { status: isReady ? "ready" : "not ready", checks } };
}

async function checkInTime(health: Health): Promise<Readonly<Record<string, string>>> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Record<string, string>>((resolve) => {
    timer = setTimeout(() => resolve({ stores: `no answer within ${probeTimeoutMs} ms` }), probeTimeoutMs);
  });
  try {
    return await Promise.race([health.check(), late]);
  } catch {
    return { stores: "cannot be reached" };
  } finally {
    clearTimeout(timer);
  }
}
