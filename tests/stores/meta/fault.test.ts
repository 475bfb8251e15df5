import { expect, it } from "vitest";
import { weftErrorOf } from "../../../src/stores/meta/drivers/prisma/fault.ts";
import { openPglite } from "../../../src/stores/meta/drivers/prisma/pglite-database.ts";

it("answers QUERY_INVALID to a regular expression that the database does not take", async () => {
  const database = await openPglite("memory");
  // Asked past the checker, which lets no such pattern through.
  const error = await database.query("select 'a' ~ $1::text", ["a**("]).catch((thrown: unknown) => thrown);
  expect(weftErrorOf(error)).toMatchObject({ code: "QUERY_INVALID", cause: error });
  await database.close();
});
