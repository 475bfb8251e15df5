/** Packages of which two copies, or other versions, break what stands on them. */
import { expect, test } from "vitest";
import { read } from "./files.ts";

const { packages } = JSON.parse(read("package-lock.json")) as {
  readonly packages: Readonly<Record<string, { readonly version?: string }>>;
};

const versionsOf = (name: string): readonly (string | undefined)[] =>
  Object.entries(packages)
    .filter(([path]) => path === `node_modules/${name}` || path.endsWith(`/node_modules/${name}`))
    .map(([, { version }]) => version);

// Newer ones of graphql make the stitching tools lose objects of unions; delegate's newest asks for what cannot be had everywhere.
test.each([
  ["graphql", "16.14.2"],
  ["@graphql-tools/delegate", "12.2.1"],
  ["@graphql-tools/wrap", "11.2.1"],
  ["@graphql-tools/batch-execute", "10.2.0"],
  ["@graphql-tools/federation", "4.5.2"],
])("%s is there once, as %s", (name, version) => {
  expect(versionsOf(name)).toEqual([version]);
});

test("the stitching tools are those that free a schema which is not served any more", () => {
  const [version = "", ...others] = versionsOf("@graphql-tools/stitch");
  expect(others).toEqual([]);
  expect(version.localeCompare("10.3.1", "en", { numeric: true })).toBeGreaterThanOrEqual(0);
});
