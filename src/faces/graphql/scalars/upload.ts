import { isByteSource } from "../../../model/byte-source.ts";
import type { GraphqlBuilder } from "../builder.ts";
import { refused } from "../coercion-error.ts";

export function addUploadScalar(builder: GraphqlBuilder): void {
  const refuse = () => {
    throw refused("Upload needs a file of a multipart request, in a variable");
  };
  builder.scalarType("Upload", {
    description: "A file of a multipart request, in a variable.",
    specifiedByURL: "https://github.com/jaydenseric/graphql-multipart-request-spec",
    serialize: refuse,
    parseValue: (value) => (isByteSource(value) ? value : refuse()),
    parseLiteral: refuse,
  });
}
