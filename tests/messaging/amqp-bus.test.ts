import { afterAll, describe } from "vitest";
import { amqpBus } from "../../src/messaging/bus/drivers/amqp.ts";
import { busCutSuite, busOutageSuite, busSuite } from "../conformance/bus.suite.ts";
import { freshAmqpNamespace, skippedWithoutRabbitmq } from "../servers/rabbitmq.ts";
import { type RabbitmqServer, startRabbitmq } from "../servers/start-rabbitmq.ts";
import { brokerRefusals } from "./broker-refusals.ts";
import { throughProxy } from "./queue-nodes.ts";

const reason = await skippedWithoutRabbitmq();

async function openNodes(url: string) {
  const reported: unknown[] = [];
  const report = (error: unknown) => reported.push(error);
  const [one, other] = await Promise.all([amqpBus({ url, report }), amqpBus({ url, report })]);
  const dispose = async () => {
    await Promise.all([one.close(), other.close()]);
  };
  return { nodes: [one, other] as const, reported, [Symbol.asyncDispose]: dispose };
}

describe.skipIf(reason !== "")(`on RabbitMQ ${reason}`, () => {
  busSuite("amqp", async () => openNodes((await freshAmqpNamespace()).url));
  brokerRefusals("amqp", (url) => amqpBus({ url }));
});

// One server for both tests: it takes seconds to start.
let server: RabbitmqServer | undefined;
afterAll(() => server?.stop());

busOutageSuite(
  "amqp",
  async () => {
    server ??= await startRabbitmq();
    return { ...(await openNodes(server.url)), goAway: server.kill, comeBack: server.restart };
  },
  reason,
);

busCutSuite(
  "amqp",
  async () => {
    const proxy = await throughProxy((await freshAmqpNamespace()).url);
    const reported: unknown[] = [];
    const bus = await amqpBus({ url: proxy.url, report: (error) => reported.push(error) });
    return {
      nodes: [bus],
      reported,
      cut: () => proxy.mode("refuse"),
      fallSilent: () => proxy.mode("black hole"),
      mend: () => proxy.mode("pass"),
      async [Symbol.asyncDispose]() {
        await bus.close();
        await proxy.stop();
      },
    };
  },
  reason,
);
