import fc from "fast-check";
import type { Json, JsonObject } from "../../src/base/json.ts";

const key = fc.constantFrom("a", "b", "", "a/b", "m~n", "0", "__proto__", "constructor", "prototype", "toString");

/** Few keys and few values, so that two documents share much. `__proto__` is an own key, as JSON.parse makes it. */
const { object } = fc.letrec<{ value: Json; object: JsonObject }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    fc.constantFrom<Json>(null, true, 0, 1, "", "x"),
    fc.array(tie("value"), { maxLength: 5 }),
    tie("object"),
  ),
  object: fc.array(fc.tuple(key, tie("value")), { maxLength: 4 }).map((entries) => Object.fromEntries(entries)),
}));

export const jsonObjects: fc.Arbitrary<JsonObject> = object;
