import fc from "fast-check";
import { expect, test } from "vitest";
import { objectNameOf } from "../../../src/stores/s3/object-names.ts";

test("keys stay readable; what S3's tools dislike is written in hex", () => {
  expect(objectNameOf("hero/hero:1/2/w")).toBe("hero/hero:1/2/w");
  expect(objectNameOf("hero/hero:1/2/w~1")).toBe("hero/hero:1/2/w!7E1");
  expect(objectNameOf("hero/../1/.")).toBe("hero/!2E!2E/1/!2E");
  expect(objectNameOf("hero/ü%/a b")).toBe("hero/!C3!BC!25/a!20b");
  expect(objectNameOf(`${"~".repeat(400)}/1`)).toMatch(/^!long\/[0-9a-f]{64}$/);
});

test("different keys have different names, of characters that are safe, with no segment to resolve", () => {
  const segment = fc.string({ unit: fc.constantFrom(..."Aa0._~:-!2E%/é"), maxLength: 4 });
  const key = fc.array(segment, { minLength: 1, maxLength: 4 }).map((segments) => segments.join("/"));
  fc.assert(
    fc.property(key, key, (left, right) => {
      const names = [left, right].map(objectNameOf);
      expect(names[0] === names[1]).toBe(left === right);
      for (const name of names) {
        expect(name).toMatch(/^[A-Za-z0-9._:!/-]+$/);
        for (const part of name.split("/")) expect(part).not.toMatch(/^(\.+)?$/);
      }
    }),
    { numRuns: 2_000 },
  );
});
