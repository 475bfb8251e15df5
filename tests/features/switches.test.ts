/** What models leave out of their API, and what they have of their own: read off the schema as it is printed. */
import { GraphQLObjectType, type GraphQLSchema } from "graphql";
import { afterEach, describe, expect, it } from "vitest";
import { createGateway, type Gateway, type GatewayOptions, type ModelRegistration, z } from "../../src/index.ts";
import { ask, codesIn } from "../faces/ask.ts";

const gateways: Gateway[] = [];
afterEach(async () => {
  for (const gateway of gateways.splice(0)) await gateway.close();
});

const note = z.object({ title: z.string(), level: z.number().int().default(0) });

function open(registration: ModelRegistration = {}, options: GatewayOptions = {}) {
  const gateway = createGateway({
    ...{ meta: "memory:", payload: "memory:", blob: "memory:", bus: "local:", queue: "local:" },
    logLevel: "silent",
    ...options,
  });
  gateways.push(gateway);
  return { gateway, notes: gateway.addModel("Note", note, { indexedFields: ["title"], ...registration }) };
}

function fieldsOf(schema: GraphQLSchema, typeName: string): string[] {
  const type = schema.getType(typeName);
  return type instanceof GraphQLObjectType ? Object.keys(type.getFields()) : [];
}

/** Fields of the API that are about notes. */
function offered({ gateway }: { gateway: Gateway }): string[] {
  const schema = gateway.schema();
  return ["Query", "Mutation", "Subscription", "NoteResource"].flatMap((typeName) =>
    fieldsOf(schema, typeName).filter((name) => typeName === "NoteResource" || /note/i.test(name)),
  );
}

describe("a switch", () => {
  const all = offered(open());
  const cases: readonly [ModelRegistration, readonly string[]][] = [
    [{ disableCreate: true }, ["createNote", "upsertNote"]],
    [{ disableUpdate: true }, ["updateNote", "upsertNote"]],
    [{ disableUpsert: true }, ["upsertNote"]],
    [{ disablePatch: true }, ["patchNote"]],
    [{ disableModify: true }, ["modifyNote"]],
    [{ disableSwitch: true }, ["switchNote"]],
    [{ disableDelete: true }, ["noteDeletePlan", "deleteNote"]],
    [{ disableRestore: true }, ["restoreNote"]],
    [{ disablePurge: true }, ["purgeNote"]],
    [{ disableGetOne: true }, ["note"]],
    [{ disableGetMany: true }, ["noteList", "noteCount", "notes", "notesByIds"]],
    [{ disableSubscribe: true }, ["noteChanged"]],
    [{ disableRevisions: true }, ["revisions", "diff"]],
    [{ disableCreate: false }, []],
  ];

  for (const [registration, gone] of cases) {
    it(`${Object.keys(registration)} ${Object.values(registration)} leaves out ${gone.join(", ") || "nothing"}`, () => {
      expect(offered(open(registration))).toEqual(all.filter((name) => !gone.includes(name)));
    });
  }

  it("of all leaves a schema that is valid", async () => {
    const registration = Object.assign({}, ...cases.slice(0, -1).map(([one]) => one)) as ModelRegistration;
    const { gateway } = open(registration);
    expect(offered({ gateway })).toEqual(["id", "meta", "revision", "data", "partial"]);
    expect((await ask(gateway, "{ __typename }")).data).toEqual({ __typename: "Query" });
  });

  it("leaves managers what they can do", async () => {
    const { notes } = open({ disableCreate: true, disableDelete: true, disableSubscribe: true, disableGetOne: true });
    const { meta } = await notes.create({ title: "a" });
    expect((await notes.get(meta.resourceId)).data.title).toBe("a");
    expect(await notes.deletePlan(meta.resourceId)).toEqual({ cascades: [], setNulls: [], restrictedBy: [] });
    for await (const { action } of notes.changes({ after: "0" })) {
      expect(action).toBe("create");
      break;
    }
  });

  it("of reading one closes node and nodes too, and of changes resourceChanged", async () => {
    const { gateway, notes } = open({ disableGetOne: true });
    await notes.create({ title: "a" });
    const { data } = await ask(gateway, "{ noteList { id } }");
    const [{ id }] = data.noteList;
    const answer = await ask(gateway, "query ($id: ID!) { node(id: $id) { id } nodes(ids: [$id]) { id } }", { id });
    expect(answer).toMatchObject({ data: { node: null, nodes: [null] } });
    const other = open({ disableSubscribe: true });
    const seen = other.gateway.addModel("Seen", note);
    await other.notes.create({ title: "a" });
    await seen.create({ title: "b" });
    const response = await other.gateway.fetch(
      new Request("http://weft.test/graphql", {
        method: "POST",
        headers: { "content-type": "application/json", accept: "text/event-stream" },
        body: JSON.stringify({ query: 'subscription { resourceChanged(after: "0") { resourceName } }' }),
      }),
    );
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) {
      text += part.value;
      if (text.includes('"resourceName"')) break;
    }
    await reader?.cancel();
    expect(text).toContain('{"resourceName":"seen"}');
    expect(text).not.toContain('"note"');
  });
});

describe("limits of a model", () => {
  it("hold for each of its lists", async () => {
    const { gateway, notes } = open({ defaultLimit: 2, maxLimit: 3 });
    const { meta } = await notes.create({ title: "0" });
    for (const title of ["1", "2", "3"]) {
      await notes.create({ title });
      await notes.update(meta.resourceId, { title: `0 ${title}` });
    }
    const page = "{ edges { node { revision { revisionId } } } }";
    const { data } = await ask(
      gateway,
      `query ($id: ID!) { noteList { id } notes { nodes { id } } note(resourceId: $id) { revisions ${page} } }`,
      { id: meta.resourceId },
    );
    expect([data.noteList.length, data.notes.nodes.length, data.note.revisions.edges.length]).toEqual([2, 2, 2]);
    const over = await ask(
      gateway,
      `query ($id: ID!) { noteList(query: { limit: 4 }) { id } notes(first: 4) { nodes { id } } note(resourceId: $id) { revisions(first: 4) ${page} } }`,
      { id: meta.resourceId },
    );
    expect(codesIn(over)).toEqual(["LIMIT_EXCEEDED", "LIMIT_EXCEEDED", "LIMIT_EXCEEDED"]);
    expect((await ask(gateway, "{ noteList(query: { limit: 3 }) { id } }")).data.noteList.length).toBe(3);
  });

  it("are numbers", () => {
    expect(() => open({ defaultLimit: -1 })).toThrow("defaultLimit must be an integer");
    expect(() => open({ maxLimit: 0.5 })).toThrow("maxLimit must be an integer");
  });
});

describe("validators of a model", () => {
  it("see what handlers have made of the data, and their issues are answered", async () => {
    const { gateway } = open();
    const seen: number[] = [];
    gateway.addModel("Task", note, {
      hooks: { beforeCreate: (event) => void Object.assign(event.input.data as object, { level: 99 }) },
      validators: [
        ({ level }) => {
          seen.push(level);
          return level > 9 ? [{ path: ["level"], message: "At most 9" }] : undefined;
        },
      ],
    });
    const { data, errors } = await ask(gateway, 'mutation { createTask(data: { title: "a", level: 1 }) { id } }');
    expect(data).toEqual({ createTask: null });
    expect(errors?.[0]?.extensions).toMatchObject({
      code: "VALIDATION_FAILED",
      issues: [{ path: ["level"], message: "At most 9" }],
    });
    expect(seen).toEqual([99]);
  });
});

describe("a model's own defaults", () => {
  it("go before the gateway's: user, clock, ids, status", async () => {
    const now = new Date("2031-05-06T07:08:09.010Z");
    const { gateway } = open({}, { defaultUser: "gateway", defaultStatus: "stable" });
    let count = 0;
    const own = gateway.addModel("Own", note, {
      defaultUser: () => "model",
      defaultNow: () => now,
      idGenerator: () => `own-${++count}`,
      defaultStatus: "draft",
    });
    const { meta, revision } = await own.create({ title: "a" });
    expect(meta).toMatchObject({ resourceId: "own:own-1", createdBy: "model", createdTime: now });
    expect(revision.status).toBe("draft");
    expect((await gateway.resource("Note").create({ title: "a" })).meta.createdBy).toBe("gateway");
  });
});
