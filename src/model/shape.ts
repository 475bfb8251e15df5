/** The codec's view of a type. */
import type { ObjectShape, ScalarShape, Shape } from "../codec/shape.ts";
import type { FieldType, ObjectType } from "./field.ts";

const plain: ScalarShape = { kind: "scalar", revive: "none" };
const text: ScalarShape = { kind: "scalar", revive: "none", isText: true };

const binaryShape: ObjectShape = {
  kind: "object",
  fields: new Map(["fileId", "size", "contentType"].map((name) => [name, plain])),
};

/** Recursive types give recursive shapes. */
export function objectShapeOf(type: ObjectType, known = new Map<ObjectType, ObjectShape>()): ObjectShape {
  const found = known.get(type);
  if (found !== undefined) return found;
  const fields = new Map<string, Shape>();
  const shape: ObjectShape = { kind: "object", fields };
  known.set(type, shape);
  for (const [name, field] of type.fields) fields.set(name, shapeOf(field.type, known));
  return shape;
}

function shapeOf(type: FieldType, known: Map<ObjectType, ObjectShape>): Shape {
  switch (type.kind) {
    case "object":
      return objectShapeOf(type, known);
    case "list":
      return { kind: "list", element: shapeOf(type.element.type, known) };
    case "union": {
      const members = new Map([...type.members].map(([value, member]) => [value, objectShapeOf(member, known)]));
      return { kind: "union", discriminator: type.discriminator, members };
    }
    case "json":
      return { kind: "json" };
    case "string":
    case "id":
      return text;
    case "binary":
      return binaryShape;
    case "datetime":
      return type.holds === "Date" ? { kind: "scalar", revive: "date" } : plain;
    case "bigint":
      return type.holds === "bigint" ? { kind: "scalar", revive: "bigint" } : plain;
    default:
      return plain;
  }
}
