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
  "list-qb-and-conditions": "qb is built with the search issue",
  "list-bad-qb": "qb is built with the search issue",
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

  it("knows every case that it does not run", () => {
    const unknown = casesOf<Case>("http_status").filter(({ id: title }) => !told[title] && !notHere[title]);
    expect(unknown).toEqual([]);
  });
});
