/** What a RabbitMQ tells of itself by AMQP. */
import { setTimeout as delay } from "node:timers/promises";
import type { Finding } from "../../base/finding.ts";
import type { AmqpSession } from "./amqp.ts";
import { within } from "./deadline.ts";

/** Tested with this one and newer ones. */
const oldest = [3, 10] as const;
/** For a broker that is well to confirm a message. */
const confirmMs = 2000;
const settleMs = 100;

/**
 * @param publish sends a message that no queue takes, and resolves when it is confirmed: what a broker with an alarm does not do, which
 *   it tells to those only who publish
 */
export async function examineAmqp(session: AmqpSession, publish: () => Promise<void>): Promise<readonly Finding[]> {
  const isConfirmed = await within(confirmMs, publish()).then(
    () => true,
    () => false,
  );
  // The broker may tell of the alarm after it has confirmed what raised the question.
  if (isConfirmed) await delay(settleMs);
  return [versionFinding(session.server), alarmFinding(isConfirmed, session.blockedBy())];
}

function versionFinding({ product, version }: AmqpSession["server"]): Finding {
  const text = `${product} ${version}`;
  const [major = 0, minor = 0] = String(version).split(".").map(Number);
  const isKnown = product === "RabbitMQ" && (major > oldest[0] || (major === oldest[0] && minor >= oldest[1]));
  if (isKnown) return { subject: "version", state: "ok", text };
  const tested = `weft is tested with RabbitMQ ${oldest.join(".")} and newer`;
  return { subject: "version", state: "warning", text: `${text}: ${tested}` };
}

function alarmFinding(isConfirmed: boolean, reason: string | undefined): Finding {
  const subject = "alarms";
  if (reason !== undefined) {
    const text = `the broker takes no messages (${reason}): free memory or disk space, or raise its limits; see rabbitmqctl status`;
    return { subject, state: "error", text };
  }
  if (isConfirmed) return { subject, state: "ok", text: "none: messages are taken" };
  const text = `the broker confirmed no message within ${confirmMs} ms: see rabbitmqctl status`;
  return { subject, state: "error", text };
}
