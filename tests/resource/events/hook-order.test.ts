/** The order of everything, as docs/hooks.md tells it: each action is run with everything filled in, and what happens is compared with the table. */
import { describe, expect, it } from "vitest";
import { z } from "zod";
import type { EventHandler } from "../../../src/resource/event.ts";
import { allActions } from "../../../src/resource/events/actions.ts";
import { eventTableOf } from "../../../src/resource/events/event-table.ts";
import type { Hooks } from "../../../src/resource/events/hooks.ts";
import { executeRequested } from "../../../src/resource/execute.ts";
import type { Operation } from "../../../src/resource/operation.ts";
import { joinedChains, type PolicyChains } from "../../../src/resource/policy.ts";
import { createSession } from "../../../src/resource/session.ts";
import { memoryMetaStore } from "../../../src/stores/meta/drivers/memory.ts";
import { memoryPayloadStore } from "../../../src/stores/payload/drivers/memory.ts";
import { quoted, read, section, tableRows } from "../../architecture/files.ts";
import { until } from "../../faces/graphql/transport/fixture.ts";
import { openModel } from "../open-model.ts";

const [head = [], ...rows] = tableRows(section(read("docs/hooks.md"), "## The order").split("### ")[0] ?? "");
const actions = head.slice(1);

/** The operation of each action, and what it is given. */
const calls: Readonly<Record<string, readonly [operation: string, input: object]>> = {
  create: ["create", { data: { name: "new" } }],
  update: ["update", { resourceId: "item:1", data: { name: "b" } }],
  patch: ["patch", { resourceId: "item:1", patch: [{ op: "replace", path: "/name", value: "b" }] }],
  modify: ["modify", { resourceId: "item:draft", data: { name: "b" } }],
  switch: ["switch", { resourceId: "item:1", revisionId: "item:1:1" }],
  delete: ["delete", { resourceId: "item:1" }],
  restore: ["restore", { resourceId: "item:gone" }],
  purge: ["purge", { resourceId: "item:1" }],
  getOne: ["get", { resourceId: "item:1" }],
  getMany: ["list", {}],
  getRevision: ["diff", { resourceId: "item:1", from: "item:1:1", to: null }],
  listRevisions: ["revisions", { resourceId: "item:1" }],
  subscribe: ["changes", {}],
};

/** Everything that can be filled in, once for the gateway and once for the model. */
function filled(origin: string, log: string[]) {
  const note = (text: string) => () => void log.push(`${text}, ${origin}`);
  const policies: PolicyChains = Object.fromEntries(
    ["universal", ...allActions].map((name) => [name, [note(`policy ${name}`)]]),
  );
  const slots = allActions.flatMap((action) => {
    const name = `${action[0]?.toUpperCase()}${action.slice(1)}`;
    const events = ["before", "onSuccess", "onFailure", "after"].map(
      (phase) => [`${phase}${name}`, [note(`${phase} hook 1`), note(`${phase} hook 2`)]] as const,
    );
    const requests = ["beforeController", "afterController"].map((slot) => [`${slot}${name}`, note(slot)] as const);
    return [...events, ...requests];
  });
  const handler = (background: boolean): EventHandler => ({
    background,
    isSupported: () => true,
    handle: ({ phase }) => void log.push(`${phase} ${background ? "background" : "handler"}, ${origin}`),
  });
  return { policies, hooks: Object.fromEntries(slots) as Hooks, handlers: [handler(false), handler(true)] };
}

async function openEverything() {
  const log: string[] = [];
  const [gateway, model] = [filled("gateway", log), filled("model", log)];
  const meta = memoryMetaStore();
  const payload = memoryPayloadStore();
  const schema = z.object({ name: z.string().refine(() => log.push("validation") > 0) });
  const open = openModel("Item", schema, {
    services: {
      meta: {
        ...meta,
        heads(ids) {
          log.push("load");
          return meta.heads(ids);
        },
        commit(commit) {
          log.push("commit");
          return meta.commit(commit);
        },
      },
      payload: {
        ...payload,
        put(key, bytes) {
          log.push("payload");
          return payload.put(key, bytes);
        },
      },
      onCommit: () => void log.push("feed"),
    },
    model: {
      policies: joinedChains(gateway.policies, model.policies),
      events: eventTableOf("Item", [gateway, model]),
      validators: [() => void log.push("validators")],
      hooks: [{ name: "internal", before: () => void log.push("hooks") }],
    },
  });
  const { manager } = open;
  await manager.create({ name: "a" }, { resourceId: "item:1" });
  await manager.update("item:1", { name: "second" });
  await manager.create({ name: "a" }, { resourceId: "item:draft", status: "draft" });
  await manager.create({ name: "a" }, { resourceId: "item:gone" });
  await manager.delete("item:gone");
  await untilQuiet(log);
  log.length = 0;
  return { ...open, log };
}

async function untilQuiet(log: readonly string[]): Promise<void> {
  let seen = -1;
  await until(() => {
    const isQuiet = log.length === seen;
    seen = log.length;
    return isQuiet;
  });
}

async function happens(action: string): Promise<readonly string[]> {
  const { model, services, log } = await openEverything();
  const [name, input] = calls[action] ?? ["", {}];
  const operation = model.operations.get(name) as Operation<object, Promise<unknown>>;
  const context = { model, services, session: createSession(services, { actor: "ann" }) };
  const request = () => ({ method: "POST", url: "http://weft.test/graphql", headers: new Headers() });
  const result = await executeRequested({ context, request }, operation, input);
  if (action === "subscribe") await (result as AsyncIterableIterator<unknown>).return?.();
  await untilQuiet(log);
  const isRead = operation.kind !== "write";
  return log.filter((entry, i) => entry !== log[i - 1] && !(isRead && entry === "load"));
}

/** What the table says, step by step. */
function told(action: string): readonly string[] {
  const place = head.indexOf(action);
  const [name = ""] = calls[action] ?? [];
  return rows.flatMap((row) => {
    const [step = "", cell] = [row[0], row[place]];
    return cell === "•" ? entriesOf(quoted(step)[0] ?? "", { step, action, name }) : [];
  });
}

const origins = ["gateway", "model"] as const;

function entriesOf(token: string, { step, action, name }: { step: string; action: string; name: string }): string[] {
  const both = (text: string) => origins.map((origin) => `${text}, ${origin}`);
  if (step.startsWith("policies"))
    return policiesOf(token, { action, name }).flatMap((policy) => both(`policy ${policy}`));
  if (token.endsWith("Controller")) return both(token);
  if (token === "background") return ["onSuccess", "after"].flatMap((phase) => both(`${phase} background`));
  if (!["before", "onSuccess", "after"].includes(token)) return [token];
  return origins.flatMap((origin) => [
    ...[1, 2].map((n) => `${token} hook ${n}, ${origin}`),
    `${token} handler, ${origin}`,
  ]);
}

/** Readers of revisions run those of getOne first. */
function policiesOf(token: string, { action, name }: { action: string; name: string }): readonly string[] {
  if (token !== "action") return [token];
  return name === "diff" || name === "revisions" ? ["getOne", action] : [action];
}

describe("the table of docs/hooks.md", () => {
  it("has a column for every action, but for those that no verb has yet", () => {
    expect(actions).toEqual(allActions.filter((action) => action !== "migrate"));
    expect(Object.keys(calls)).toEqual(actions);
    expect(rows.length).toBeGreaterThan(15);
    for (const row of rows) expect(row).toHaveLength(head.length);
  });

  it.each(actions)("tells what happens of %s, in its order", async (action) => {
    expect(await happens(action)).toEqual(told(action));
  });
});
