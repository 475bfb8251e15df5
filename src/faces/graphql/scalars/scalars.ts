import type { GraphqlBuilder } from "../builder.ts";
import { addBigIntScalar } from "./big-int.ts";
import { addJsonScalars } from "./json.ts";
import { addTimeScalars } from "./time.ts";
import { addUploadScalar } from "./upload.ts";

/** Registers weft's own scalars. String, Int, Float, Boolean and ID are GraphQL's. */
export function addScalars(builder: GraphqlBuilder): void {
  addTimeScalars(builder);
  addBigIntScalar(builder);
  addJsonScalars(builder);
  addUploadScalar(builder);
}
