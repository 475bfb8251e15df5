import { expect, it } from "vitest";
import { checkOrder } from "../../src/query/check-order.ts";
import type { Order } from "../../src/query/resource-query.ts";
import { by, data, fields, metaFields } from "../conformance/query-fixtures.ts";
import { model, refusal } from "./fixture.ts";

const refused = (...orders: unknown[]) => refusal(() => checkOrder(model, orders as Order[]));

it("takes one key each: a field, a nested one, a meta key", () => {
  const orders = [
    { title: "ASC" },
    { address: { city: "DESC" } },
    { meta: { createdTime: "DESC" } },
    { meta_: { and: "asc" } },
    { title: "DESC" },
  ];
  expect(checkOrder(model, orders)).toEqual([
    by(fields.title),
    by(fields.city, "desc"),
    by(metaFields.createdTime, "desc"),
    by(data("meta.and", "number")),
  ]);
  expect(checkOrder(model, [])).toEqual([]);
});

it("refuses none or several keys, no direction, and types without an order", () => {
  expect(refused({}).code).toBe("QUERY_INVALID");
  expect(refused({ title: "ASC" }, { title: "ASC", level: "ASC" })).toEqual({ code: "QUERY_INVALID", at: "1" });
  expect(refused({ title: null }).code).toBe("QUERY_INVALID");
  expect(refused({ title: "UP" }).code).toBe("QUERY_INVALID");
  expect(refused({ address: {} })).toEqual({ code: "QUERY_INVALID", at: "0.address" });
  expect(refused({ address: "ASC" }).code).toBe("QUERY_INVALID");
  expect(refused({ tags: "ASC" }).code).toBe("QUERY_INVALID");
  expect(refused({ extra: "ASC" }).code).toBe("QUERY_INVALID");
  expect(refused(null).code).toBe("QUERY_INVALID");
});

it("refuses fields that are not indexed", () => {
  expect(refused({ secret: "ASC" })).toEqual({ code: "FIELD_NOT_INDEXED", at: "0.secret" });
  expect(refused({ meta: { etag: "ASC" } }).code).toBe("FIELD_NOT_INDEXED");
  expect(refused({ title: { city: "ASC" } }).code).toBe("FIELD_NOT_INDEXED");
});
