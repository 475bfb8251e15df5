import { setTimeout as sleep } from "node:timers/promises";
import { connect } from "amqplib";
import { afterAll, describe, expect, test, vi } from "vitest";
import type { Json } from "../../src/base/json.ts";
import { amqpQueue } from "../../src/messaging/queue/drivers/amqp.ts";
import { queueOutageSuite, queueSuite } from "../conformance/queue.suite.ts";
import { freshAmqpNamespace, skippedWithoutRabbitmq } from "../servers/rabbitmq.ts";
import { type RabbitmqServer, startRabbitmq } from "../servers/start-rabbitmq.ts";
import { brokerRefusals } from "./broker-refusals.ts";
import { openNodes, throughProxy } from "./queue-nodes.ts";

const reason = await skippedWithoutRabbitmq();

describe.skipIf(reason !== "")(`on RabbitMQ ${reason}`, () => {
  queueSuite("amqp", "broker", async () => {
    const place = await freshAmqpNamespace();
    return openNodes([place.url, place.url], (url, report) => amqpQueue({ url, report }), place);
  });
  brokerRefusals("amqp", (url) => amqpQueue({ url }));

  test("consumers go on, and senders are told the truth, where somebody has deleted the queue", async () => {
    const { namespace, url } = await freshAmqpNamespace();
    const queue = await amqpQueue({ url });
    const handled: unknown[] = [];
    await queue.consume("jobs", async (message) => void handled.push(message));
    await queue.send("jobs", 1);
    await vi.waitFor(() => expect(handled).toEqual([1]), { timeout: 5000 });
    const operator = await connect(url);
    const channel = await operator.createChannel();
    await channel.deleteQueue(`${namespace}.queue.jobs`);
    await operator.close();
    const acknowledged: number[] = [];
    for (let message = 2; acknowledged.length < 3; message += 1) {
      await queue.send("jobs", message).then(
        () => acknowledged.push(message),
        (error) => expect(error).toMatchObject({ code: "STORE_UNAVAILABLE" }),
      );
      expect(message).toBeLessThan(500);
      await sleep(20);
    }
    await vi.waitFor(() => expect(handled).toEqual(expect.arrayContaining(acknowledged)), { timeout: 10_000 });
    await queue.close();
  });

  test("a message that is no JSON is reported, waits like one that failed, and holds up no other", async () => {
    const { namespace, url } = await freshAmqpNamespace();
    const reported: unknown[] = [];
    const queue = await amqpQueue({ url, report: (error) => reported.push(error) });
    await queue.send("jobs", "good");
    const operator = await connect(url);
    const channel = await operator.createConfirmChannel();
    channel.sendToQueue(`${namespace}.queue.jobs`, Buffer.from("no json"));
    await channel.waitForConfirms();
    await operator.close();
    await queue.send("jobs", "better");
    const handled: Json[] = [];
    await queue.consume("jobs", async (message) => void handled.push(message));
    await vi.waitFor(() => expect(handled).toEqual(["good", "better"]), { timeout: 5000 });
    expect(reported).toEqual([expect.any(SyntaxError)]);
    await queue.close();
  });
});

// One server for all, each test in a namespace of its own: it takes seconds to start.
let server: RabbitmqServer | undefined;
afterAll(() => server?.stop());

queueOutageSuite(
  "amqp",
  async () => {
    server ??= await startRabbitmq();
    const { url } = await freshAmqpNamespace(server.url);
    const proxy = await throughProxy(url);
    const opened = await openNodes([proxy.url, url], (at, report) => amqpQueue({ url: at, report }), proxy.stop);
    return { ...opened, goAway: server.kill, comeBack: server.restart, isolateFirst: () => proxy.mode("refuse") };
  },
  reason,
);
