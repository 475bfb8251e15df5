/** What handlers are made of: hooks, objects, the fluent form; and those in the background. */
import { describe, expect, expectTypeOf, it } from "vitest";
import { ConfigurationError, type Hooks, on, type Resource, type ResourceEvent, z } from "../../../src/index.ts";
import { createTurns } from "../../../src/resource/turns.ts";
import { until } from "../../faces/graphql/transport/fixture.ts";
import { openGateway } from "./recorder.ts";

const item = z.object({ name: z.string() });

describe("hooks", () => {
  it("are refused by name where there is no such slot, and where they are no functions", async () => {
    const add = (hooks: object) => () => openGateway().gateway.addModel("Item", item, { hooks: hooks as Hooks });
    expect(add({ beforeCreat: () => undefined })).toThrow(ConfigurationError);
    expect(add({ beforeCreat: () => undefined })).toThrow(/"beforeCreat"/);
    expect(add({ beforeCreate: [1] })).toThrow(/beforeCreate must be a function/);
  });
});

describe("hooks of a model", () => {
  it("have its types", async () => {
    const seen: unknown[] = [];
    await using open = openGateway();
    const items = open.gateway.addModel("Item", z.object({ name: z.string(), at: z.date() }), {
      hooks: {
        async beforeUpdate(event) {
          expectTypeOf(event.input.data).toEqualTypeOf<{ name: string; at: Date }>();
          expectTypeOf(event.action).toEqualTypeOf<"update">();
          const old = await event.old();
          expectTypeOf(old).toEqualTypeOf<Resource<{ name: string; at: Date }> | null>();
          seen.push(event.input.data.name, old?.data.at.getTime());
        },
      },
    });
    const { meta } = await items.create({ name: "a", at: new Date(1) });
    await items.update(meta.resourceId, { name: "b", at: new Date(2) });
    expect(seen).toEqual(["b", 1]);
  });
});

describe("on", () => {
  it("says when functions run, for several actions, then goes on with others", async () => {
    const log: string[] = [];
    const note = (name: string) => (event: ResourceEvent) => void log.push(`${name} ${event.action}.${event.phase}`);
    await using open = openGateway();
    const items = open.gateway.addModel("Item", item, {
      handlers: on([note("a"), note("b")])
        .before(["create", "delete"])
        .after("delete")
        .on(note("c"))
        .onSuccess("create")
        .onFailure("update"),
    });
    const { meta } = await items.create({ name: "a" });
    await items.delete(meta.resourceId);
    await expect(items.update(meta.resourceId, { name: "b" })).rejects.toThrow();
    expect(log).toEqual([
      ...["a create.before", "b create.before", "c create.onSuccess"],
      ...["a delete.before", "b delete.before", "a delete.after", "b delete.after", "c update.onFailure"],
    ]);
  });

  it("leaves what was made before as it was", () => {
    const first = on(() => undefined).before("create");
    first.after("create");
    expect(first).toHaveLength(1);
  });

  it("refuses before in the background", () => {
    expect(() => on(() => undefined, { background: true }).before("create")).toThrow(ConfigurationError);
  });
});

describe("background handlers", () => {
  it("run behind the commit without being waited for; what they throw is reported", async () => {
    let release = () => {};
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    const log: string[] = [];
    const slow = async (event: ResourceEvent) => {
      await gate;
      log.push(((await event.result()) as { data: { name: string } }).data.name);
      throw new Error("too late");
    };
    await using open = openGateway();
    const items = open.gateway.addModel("Item", item, { handlers: on(slow, { background: true }).onSuccess("create") });
    const { meta } = await items.create({ name: "a" });
    expect(log).toEqual([]);
    release();
    await until(() => open.reports.length > 0);
    expect(log).toEqual(["a"]);
    expect(open.reports).toMatchObject([
      { err: { message: "too late" }, where: `background onSuccess handler of create Item ${meta.resourceId}` },
    ]);
  });

  it("are not called before, and do not change what is shown", async () => {
    const phases: string[] = [];
    await using open = openGateway();
    const items = open.gateway.addModel("Item", item, {
      handlers: [
        {
          background: true,
          isSupported: () => true,
          async handle(event) {
            const shown = (await event.result()) as { data: { name: string } };
            shown.data.name = "changed";
            phases.push(event.phase);
          },
        },
      ],
    });
    expect((await items.create({ name: "a" })).data.name).toBe("a");
    await until(() => phases.length === 2);
    expect(phases).toEqual(["onSuccess", "after"]);
  });

  it("have the grace time of the gateway when it closes", async () => {
    let isDone = false;
    const slow = () => new Promise<void>((resolve) => setTimeout(() => resolve(void (isDone = true)), 50));
    const ended = openGateway();
    const items = ended.gateway.addModel("Item", item, { handlers: on(slow, { background: true }).after("create") });
    await items.create({ name: "a" });
    await ended.gateway.close();
    expect(isDone).toBe(true);

    const endless = on(() => new Promise(() => undefined), { background: true }).after("create");
    const cut = openGateway({ graceMs: 30 });
    await cut.gateway.addModel("Item", item, { handlers: endless }).create({ name: "a" });
    await cut.gateway.close();
    expect(cut.reports).toMatchObject([{ where: "closing" }]);
  });
});

describe("turns", () => {
  it("end the wait behind work that does not end, and go on behind it when it does", async () => {
    const turns = createTurns();
    let end = () => {};
    const first = turns.take(
      "a",
      () =>
        new Promise<string>((resolve) => {
          end = () => resolve("first");
        }),
    );
    const log: string[] = [];
    const second = turns.take("a", async () => log.push("second"), 40);
    await expect(second).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
    const third = turns.take("a", async () => log.push("third"), 10_000);
    end();
    expect(await first).toBe("first");
    await third;
    expect(log).toEqual(["third"]);
  });

  it("let work of one's own take its time", async () => {
    const turns = createTurns();
    const wait = () => new Promise<number>((resolve) => setTimeout(() => resolve(1), 60));
    const results = await Promise.all([turns.take("a", async () => 1), turns.take("a", wait, 20)]);
    expect(results).toEqual([1, 1]);
  });
});
