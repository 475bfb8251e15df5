/** The model of the gateway's own, for those without resources: in their process, rows in memory. */
import { makeExecutableSchema } from "@graphql-tools/schema";
import { notes, notesSdl, withoutKeys } from "../../stitch/shop.mjs";

export const notesSchema = makeExecutableSchema({
  typeDefs: withoutKeys(notesSdl),
  resolvers: {
    Query: { notes: (_, { shelf }) => notes.get(shelf) ?? [] },
    Note: { product: ({ productUpc }) => ({ __typename: "Product", upc: productUpc }) },
  },
});
