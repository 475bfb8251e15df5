/** Server-sent events: the lines, and what services do with them. */

import type { ServerResponse } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { RemoteResult } from "../../../../src/faces/stitch/remote/remote.ts";
import {
  createEventStreamReader,
  type StreamEvent,
} from "../../../../src/faces/stitch/remote/subscriptions/event-stream.ts";
import { down, failureOf, kept, observedRemote, system, until } from "./fixture.ts";
import { startService } from "./service.ts";

function readPieces(pieces: readonly Buffer[], maxBytes = 1_000_000) {
  const events: StreamEvent[] = [];
  let comments = 0;
  const reader = createEventStreamReader(maxBytes, {
    onEvent: (event) => events.push(event),
    onComment: () => comments++,
  });
  for (const piece of pieces) reader.read(piece);
  return { events, comments };
}

describe("lines", () => {
  test("make events of fields, with or without a space, over several lines of data", () => {
    const text =
      ":\n\nevent: next\ndata: a\ndata:b\nid: 1\nretry: 5\nunknown\n\nevent:complete\n\ndata\n\n\n\nevent: open\n";
    const { events, comments } = readPieces([Buffer.from(text)]);
    expect(events).toEqual([
      { event: "next", data: "a\nb" },
      { event: "complete", data: "" },
      { event: "", data: "" },
    ]);
    expect(comments).toBe(1);
  });

  test("are the same however they are cut, and with whichever line ends", () => {
    const event = fc.record({ event: fc.constantFrom("next", "complete"), data: fc.string({ unit: "grapheme" }) });
    const arbitrary = fc.tuple(fc.array(event), fc.constantFrom("\n", "\r\n", "\r"), fc.array(fc.nat(40)));
    fc.assert(
      fc.property(arbitrary, ([list, end, cuts]) => {
        const expected = list.map(({ event, data }) => ({ event, data: data.replaceAll(/\r\n|\r/g, "\n") }));
        const text = expected
          .map(({ event, data }) =>
            [`event: ${event}`, ...data.split("\n").map((line) => `data: ${line}`), "", ""].join(end),
          )
          .join("");
        let rest = Buffer.from(text);
        const pieces = cuts.map((size) => {
          const piece = rest.subarray(0, size);
          rest = rest.subarray(size);
          return piece;
        });
        expect(readPieces([...pieces, rest]).events).toEqual(expected);
      }),
    );
  });

  test("without end are refused at the limit, in time that does not grow with the square", () => {
    const piece = Buffer.from(`data: ${"x".repeat(16_384)}`);
    const startedAt = performance.now();
    expect(() => readPieces(Array(10_000).fill(piece), 64 * 1024 * 1024)).toThrow(RangeError);
    expect(performance.now() - startedAt).toBeLessThan(2_000);
    const pings = Array(1_000).fill(Buffer.from(`:${"x".repeat(1_000)}\n\n`));
    expect(readPieces(pings, 10_000).comments).toBe(1_000);
  });
});

describe("a service", () => {
  const quick = { attempts: 4, firstAttempts: 3, firstWaitMs: 5, longestWaitMs: 20 };
  const next = (tick: number) => `event: next\ndata: {"data":{"ticks":${tick}}}\n\n`;

  async function subscribed(
    answer: (response: ServerResponse, count: number) => void,
    options: Parameters<typeof observedRemote>[1] = {},
  ) {
    let count = 0;
    const service = kept(await startService(() => (response) => answer(response, ++count)));
    const remote = observedRemote(service.url, { subscriptions: { protocol: "sse" }, resumption: quick, ...options });
    const stream = remote.remote.subscribe({ kind: "subscription", query: "subscription { ticks }" }, system);
    const events: RemoteResult[] = [];
    const read = async () => {
      for await (const event of stream) events.push(event);
    };
    return { service, remote: remote.remote, events, ended: failureOf(read()) };
  }
  const stream = (response: ServerResponse) => response.writeHead(200, { "content-type": "text/event-stream" });

  test("that ends its stream just behind an event is asked again: only `complete` is an end", async () => {
    const { service, events, ended } = await subscribed((response, count) => {
      stream(response).end(count < 6 ? next(count) : `${next(6)}event: complete\n\n`);
    });
    expect(await ended).toBeUndefined();
    expect(events.map(({ data }) => data?.ticks)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(service.received[0]).toMatchObject({ headers: { accept: "text/event-stream" } });
  });

  test("that ends each stream without an event is asked a bounded number of times", async () => {
    const { service, ended } = await subscribed((response) => stream(response).end());
    expect(await ended).toEqual(down("unreachable"));
    expect(service.received).toHaveLength(1 + quick.firstAttempts);
  });

  test.each([200, 400])("that answers JSON under %d has given its only event", async (status) => {
    const { service, events, ended } = await subscribed((response) => {
      response.writeHead(status, { "content-type": "application/json" }).end('{"errors":[{"message":"No."}]}');
    });
    expect(await ended).toBeUndefined();
    expect(events).toEqual([{ errors: [{ message: "No." }] }]);
    expect(service.received).toHaveLength(1);
  });

  test.each(["17", "{", '{"data":[]}', '{"hello":1}'])(
    "whose event is no GraphQL response is not asked again: %s",
    async (data) => {
      const { service, ended } = await subscribed((response) =>
        stream(response).write(`event: next\ndata: ${data}\n\n`),
      );
      expect(await ended).toEqual(down("malformed"));
      await until(() => service.received[0]?.isGone === true, "its connection is closed");
      expect(service.received).toHaveLength(1);
    },
  );

  test("whose event is too large is not asked again", async () => {
    const { service, ended } = await subscribed(
      (response) => stream(response).write(`event: next\ndata: "${"x".repeat(400_000)}`),
      { maxResponseBytes: 100_000 },
    );
    expect(await ended).toEqual(down("too-large"));
    expect(service.received).toHaveLength(1);
  });

  test("has no connection of one who has left", async () => {
    const { service, remote, events, ended } = await subscribed((response) => stream(response).write(next(1)));
    await until(() => events.length === 1, "it has its event");
    await remote.close();
    expect(await ended).toEqual(down("closed"));
    await until(async () => (await service.connections()) === 0, "no connection stands");
    await delay(50);
    expect(await service.connections()).toBe(0);
  });

  test("that compresses its stream is not asked again", async () => {
    const { service, ended } = await subscribed((response) => {
      response.writeHead(200, { "content-type": "text/event-stream", "content-encoding": "gzip" }).write("x");
    });
    expect(await ended).toEqual(down("malformed"));
    expect(service.received).toHaveLength(1);
  });

  test("that has pinged and falls silent is asked again; one that never pinged may be silent", async () => {
    const { service } = await subscribed((response) => stream(response).write(":\n\n"), { keepAliveMs: 5 });
    await until(() => service.received.length > 1, "it is asked again");
    const silent = await subscribed((response) => stream(response).write(next(1)), { keepAliveMs: 5 });
    await until(() => silent.events.length === 1, "it has its event");
    await delay(150);
    expect(silent.service.received).toHaveLength(1);
  });
});
