/** The public test suite of RFC 6902 (npm: json-patch-test-suite). Its documents may be anything: here they stand below a field. */
import { createRequire } from "node:module";
import { expect, test } from "vitest";
import type { Json } from "../../src/base/json.ts";
import { applyPatch } from "../../src/model/patch.ts";

interface SuiteCase {
  readonly comment?: string;
  readonly doc: Json;
  readonly patch: readonly Record<string, Json>[];
  readonly expected?: Json;
  readonly error?: string;
  readonly disabled?: boolean;
}

const require = createRequire(import.meta.url);
const cases = ["tests.json", "spec_tests.json"].flatMap(
  (file) => require(`json-patch-test-suite/${file}`) as SuiteCase[],
);

const moved = (pointer: Json | undefined) =>
  typeof pointer === "string" && (pointer === "" || pointer.startsWith("/")) ? `/root${pointer}` : pointer;
const below = (operation: Record<string, Json>) => {
  const pointers = Object.entries(operation).map(([key, value]) => [
    key,
    key === "path" || key === "from" ? moved(value) : value,
  ]);
  return Object.fromEntries(pointers) as Record<string, Json>;
};

test.each(
  cases.filter(({ disabled }) => !disabled).map((one) => [one.comment ?? JSON.stringify(one.patch), one] as const),
)("%s", (_title, { doc, patch, expected, error }) => {
  const apply = () => applyPatch({ root: doc }, patch.map(below), { maxOperations: 1_000 });
  if (error !== undefined) expect(apply).toThrow(expect.objectContaining({ code: "PATCH_FAILED" }));
  else expect(apply()).toEqual({ root: expected ?? doc });
});
