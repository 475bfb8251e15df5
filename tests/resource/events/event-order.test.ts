/** AutoCRUD's cases of event order; one public operation fires one set of events here (their `recommend`). */
import { describe, expect, it } from "vitest";
import { z } from "../../../src/index.ts";
import { casesOf } from "../../cases/cases.ts";
import { openGateway, recorder } from "./recorder.ts";

interface EventCase {
  readonly id: string;
  readonly expect: { readonly events: readonly string[]; readonly error: string | null; readonly stored: number };
  readonly recommend?: string;
}

const cases = new Map(casesOf<EventCase>("event_order").map((each) => [each.id, each]));
const schema = z.object({ name: z.string() });

/** AutoCRUD's events without those of nested calls, in our words. */
function eventsOf(id: string): string[] {
  const action = id.split("-")[0] ?? "";
  const ours: Record<string, string> = { get: "getOne" };
  const phases: Record<string, string> = { on_success: "onSuccess", on_failure: "onFailure" };
  return (cases.get(id)?.expect.events ?? []).flatMap((event) => {
    const [name = "", phase = ""] = event.split(".");
    return name === action ? [`${ours[name] ?? name}.${phases[phase] ?? phase} Item`] : [];
  });
}

describe("event_order", () => {
  it("holds five cases", () => {
    expect([...cases.keys()]).toEqual(["create", "get", "delete", "update-missing", "on-success-handler-raises"]);
  });

  it("create", async () => {
    const heard = recorder();
    await using open = openGateway({ handlers: [heard] });
    const items = open.gateway.addModel("Item", schema);
    await items.create({ name: "a" });
    expect(heard.log).toEqual(eventsOf("create"));
  });

  it.each(["get", "delete"] as const)("%s: one set, whatever is read inside", async (verb) => {
    const heard = recorder();
    await using open = openGateway({ handlers: [heard] });
    const items = open.gateway.addModel("Item", schema);
    const { meta } = await items.create({ name: "a" });
    heard.log.length = 0;
    await items[verb](meta.resourceId);
    expect(heard.log).toEqual(eventsOf(verb));
  });

  it("update-missing", async () => {
    const heard = recorder();
    await using open = openGateway({ handlers: [heard] });
    const items = open.gateway.addModel("Item", schema);
    await expect(items.update("item:none", { name: "a" })).rejects.toMatchObject({ code: "RESOURCE_NOT_FOUND" });
    expect(heard.log).toEqual(eventsOf("update-missing"));
    expect(heard.events.at(-1)?.error).toMatchObject({ code: "RESOURCE_NOT_FOUND" });
  });

  it("on-success-handler-raises: the write stands and is answered; the failure is logged and reported", async () => {
    const heard = recorder(({ phase }) => {
      if (phase === "onSuccess") throw new Error("boom");
    });
    await using open = openGateway({ handlers: [heard] });
    const items = open.gateway.addModel("Item", schema);
    const { meta, data } = await items.create({ name: "a" });
    expect(data).toEqual({ name: "a" });
    expect(heard.log).toEqual(["create.before Item", "create.onSuccess Item", "create.after Item"]);
    expect(await items.count()).toBe(cases.get("on-success-handler-raises")?.expect.stored);
    expect(open.reports).toMatchObject([
      { err: { message: "boom" }, where: `onSuccess handler of create Item ${meta.resourceId}` },
    ]);
  });
});
