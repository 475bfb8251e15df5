/** AutoCRUD's http_status suite, its meaning through GraphQL: a status becomes a code (CONTRACT §3). */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { createGateway, type Gateway } from "../../../src/gateway.ts";
import { casesOf } from "../../cases/cases.ts";
import { ask, codesIn } from "../ask.ts";

interface Case {
  readonly id: string;
  readonly expect: { readonly http: number };
}

let gateway: Gateway;
let id: string;
let deleted: string;

beforeAll(async () => {
  gateway = createGateway({ meta: "memory:", payload: "memory:", blob: "memory:", logLevel: "silent" });
  const us = gateway.addModel("Us", z.object({ name: z.string(), age: z.number().int().nullish() }), {
    indexedFields: ["age"],
    plural: "uses",
  });
  id = (await us.create({ name: "a" })).meta.resourceId;
  deleted = (await us.create({ name: "b" })).meta.resourceId;
  await us.delete(deleted);
});

afterAll(() => gateway.close());

/** What the case does in GraphQL, and the code it gets; null: data without an error; "absent": null without an error. */
const told: Record<string, { query: () => string; variables?: object; code: string | null | "absent" }> = {
  "meta-missing": { query: () => `{ us(resourceId: "us:nope") { meta { etag } } }`, code: "absent" },
  "revlist-missing": { query: () => `{ us(resourceId: "nope") { revisions { edges { cursor } } } }`, code: "absent" },
  "create-missing-field": { query: () => "mutation { createUs(data: {}) { id } }", code: "VALIDATION_FAILED" },
  "create-wrong-type": {
    query: () => "mutation ($data: UsInput!) { createUs(data: $data) { id } }",
    variables: { data: { name: 1 } },
    code: "VALIDATION_FAILED",
  },
  "create-unknown-field-ignored": {
    query: () => "mutation ($data: UsInput!) { createUs(data: $data) { id } }",
    variables: { data: { name: "q", zzz: 1 } },
    code: "VALIDATION_FAILED",
  },
  "put-invalid": {
    query: () => `mutation ($data: UsInput!) { updateUs(resourceId: "${id}", data: $data) { id } }`,
    variables: { data: { age: 1 } },
    code: "VALIDATION_FAILED",
  },
  "put-modify-status-only": {
    query: () => `mutation { modifyUs(resourceId: "${id}", status: DRAFT) { revision { status } } }`,
    code: null,
  },
  "patch-bad-op": {
    query: () => `mutation { patchUs(resourceId: "${id}", patch: [{ op: "frob", path: "/name" }]) { id } }`,
    code: "PATCH_FAILED",
  },
  "patch-missing-path": {
    query: () =>
      `mutation { patchUs(resourceId: "${id}", patch: [{ op: "replace", path: "/nope", value: 1 }]) { id } }`,
    code: "PATCH_FAILED",
  },
  "deleted-get": { query: () => `{ us(resourceId: "${deleted}") { id } }`, code: "absent" },
  "deleted-get-include": { query: () => `{ us(resourceId: "${deleted}", includeDeleted: true) { id } }`, code: null },
  "restore-missing": { query: () => `mutation { restoreUs(resourceId: "nope") { id } }`, code: "RESOURCE_NOT_FOUND" },
  "revlist-bad-limit": {
    query: () => `{ us(resourceId: "${id}") { revisions(first: -1) { edges { cursor } } } }`,
    code: "QUERY_INVALID",
  },
  "revlist-bad-offset": {
    query: () => `{ us(resourceId: "${id}") { revisions(before: "-1") { edges { cursor } } } }`,
    code: "CURSOR_INVALID",
  },
  "revlist-from-unknown": {
    query: () => `{ us(resourceId: "${id}") { revisions(after: "zz") { edges { cursor } } } }`,
    code: "CURSOR_INVALID",
  },
  "list-qb-and-conditions": {
    query: () => `query ($query: ResourceQuery) { usList(qb: "QB['age'].gt(1)", query: $query) { id } }`,
    variables: { query: { conditions: [{ condition: { fieldPath: "age", operator: "EQ", value: 1 } }] } },
    code: "QUERY_INVALID",
  },
  "list-bad-qb": { query: () => `{ usList(qb: "QB['age'].invalid_method(25)") { id } }`, code: "QUERY_INVALID" },
  "list-bad-conditions-json": {
    query: () => "query ($query: ResourceQuery) { usList(query: $query) { id } }",
    variables: { query: { dataConditions: "nope" } },
    code: "VALIDATION_FAILED",
  },
  "permanently-missing": {
    query: () => `mutation { purgeUs(resourceId: "us:nope") { id } }`,
    code: "RESOURCE_NOT_FOUND",
  },
};

const notHere: Record<string, string> = {
  "revlist-bad-sort": "revisions have one order, newest first: there is no argument to get wrong",
};

describe("http status", () => {
  for (const { id: title } of casesOf<Case>("http_status")) {
    const here = told[title];
    it.skipIf(!here)(`${title}${here ? "" : ` (not applicable: ${notHere[title] ?? "unknown case"})`}`, async () => {
      expect(here).toBeDefined();
      if (!here) return;
      const answer = await ask(gateway, here.query(), here.variables);
      if (here.code === null || here.code === "absent") {
        expect(answer.errors).toBeUndefined();
        const [value] = Object.values(answer.data);
        expect(value === null).toBe(here.code === "absent");
      } else {
        expect(codesIn(answer)).toEqual([here.code]);
      }
    });
  }

  /** What a mutation or a query of one root field answers: our own cases of AutoCRUD's error map (missing and deleted 404, input 422, conflicts 409, the rest 400). */
  const own: readonly (readonly [selection: () => string, code: string | null])[] = [
    [() => `updateUs(resourceId: "us:nope", data: { name: "x" }) { id }`, "RESOURCE_NOT_FOUND"],
    [() => `updateUs(resourceId: "${deleted}", data: { name: "x" }) { id }`, "RESOURCE_DELETED"],
    [() => `updateUs(resourceId: "${id}", data: { name: 1 }) { id }`, "VALIDATION_FAILED"],
    [() => `updateUs(resourceId: "${id}", data: { name: "x" }, ifMatch: "x") { id }`, "PRECONDITION_FAILED"],
    [() => `createUs(data: { name: "x" }, resourceId: "${id}") { id }`, "RESOURCE_EXISTS"],
    [() => `createUs(data: { name: "x" }, resourceId: "${deleted}") { id }`, "RESOURCE_EXISTS"],
    [() => `createUs(data: { name: "x" }, resourceId: "other:1") { id }`, "VALIDATION_FAILED"],
    [() => `createUs(data: { name: "x", age: 1.5 }) { id }`, "VALIDATION_FAILED"],
    [() => `upsertUs(resourceId: "${deleted}", data: { name: "x" }) { id }`, "RESOURCE_DELETED"],
    [() => `deleteUs(resourceId: "us:nope") { id }`, "RESOURCE_NOT_FOUND"],
    [() => `deleteUs(resourceId: "${deleted}") { id }`, "RESOURCE_DELETED"],
    [() => `restoreUs(resourceId: "${id}") { id }`, null],
    [() => `switchUs(resourceId: "us:nope", revisionId: "us:nope:1") { id }`, "RESOURCE_NOT_FOUND"],
    [() => `switchUs(resourceId: "${id}", revisionId: "${id}:9") { id }`, "REVISION_NOT_FOUND"],
    [() => `switchUs(resourceId: "${id}", revisionId: "${deleted}:1") { id }`, "REVISION_NOT_FOUND"],
    [() => `switchUs(resourceId: "${deleted}", revisionId: "${deleted}:1") { id }`, "RESOURCE_DELETED"],
    [() => `modifyUs(resourceId: "${id}", status: STABLE) { id }`, null],
    [() => `modifyUs(resourceId: "${id}", data: { name: "m" }) { id }`, "STABLE_REVISION_IMMUTABLE"],
    [() => `modifyUs(resourceId: "${id}") { id }`, "VALIDATION_FAILED"],
    [() => `modifyUs(resourceId: "${id}", data: { name: "m" }, patch: []) { id }`, "VALIDATION_FAILED"],
    [() => `modifyUs(resourceId: "${deleted}", status: DRAFT) { id }`, "RESOURCE_DELETED"],
    [() => `patchUs(resourceId: "${id}", patch: [{ op: "test", path: "/name", value: "z" }]) { id }`, "PATCH_FAILED"],
    [() => `patchUs(resourceId: "${id}", patch: [{ op: "remove", path: "/name" }]) { id }`, "VALIDATION_FAILED"],
    [() => `patchUs(resourceId: "${id}", patch: [{ op: "add", path: "/zzz", value: 1 }]) { id }`, "VALIDATION_FAILED"],
    [() => `patchUs(resourceId: "${id}", patch: {}) { id }`, "VALIDATION_FAILED"],
    [() => `purgeUs(resourceId: "us:nope") { id }`, "RESOURCE_NOT_FOUND"],
  ];
  const ownReads: typeof own = [
    [() => `us(resourceId: "${id}", revisionId: "${id}:9") { id }`, "REVISION_NOT_FOUND"],
    [() => `us(resourceId: "${id}", revisionId: "zz") { id }`, "REVISION_NOT_FOUND"],
    [() => `us(resourceId: "${id}") { diff(from: "${id}:9") }`, "REVISION_NOT_FOUND"],
    [() => `us(resourceId: "${id}") { partial(paths: ["name/::0", "/"]) }`, null],
    [() => `usList(query: { limit: 0 }) { id }`, null],
    [() => `usList(query: { limit: -1 }) { id }`, "QUERY_INVALID"],
    [() => `usList(query: { limit: 1001 }) { id }`, "LIMIT_EXCEEDED"],
    [() => `usList(qb: "QB['name'] == 'a'") { id }`, "FIELD_NOT_INDEXED"],
    [() => `usList(qb: "QB.all()", query: { sorts: [] }) { id }`, "QUERY_INVALID"],
    [() => `usCount(qb: "QB['age'] > 1", query: { isDeleted: true })`, null],
    [() => `uses(first: 1, last: 1) { totalCount }`, "QUERY_INVALID"],
    [() => `uses(after: "zz") { totalCount }`, "CURSOR_INVALID"],
  ];
  for (const [kind, list] of [["mutation", own] as const, ["query", ownReads] as const]) {
    for (const [selection, code] of list) {
      it(`${kind} ${selection().replaceAll("undefined", "…")}: ${code ?? "no error"}`, async () => {
        const answer = await ask(gateway, `${kind} { ${selection()} }`);
        expect(answer.errors === undefined ? [] : codesIn(answer)).toEqual(code === null ? [] : [code]);
      });
    }
  }

  it("knows every case that it does not run", () => {
    const unknown = casesOf<Case>("http_status").filter(({ id: title }) => !told[title] && !notHere[title]);
    expect(unknown).toEqual([]);
  });
});
