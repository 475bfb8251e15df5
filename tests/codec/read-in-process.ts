/** Run by `code-generation.test.ts`: reads a document often enough for readers to be made, and prints what it read. */
import { canGenerateCode } from "../../src/codec/code-generation.ts";
import { encodingOf } from "../../src/codec/encodings.ts";
import { selectionFromPaths } from "../../src/codec/partial-path.ts";
import type { ObjectShape, Shape } from "../../src/codec/shape.ts";

const text: Shape = { kind: "scalar", revive: "none", isText: true };
const scalar: Shape = { kind: "scalar", revive: "none" };
const item: ObjectShape = {
  kind: "object",
  fields: new Map([
    ["id", scalar],
    ["title", text],
  ]),
};
const shape: ObjectShape = {
  kind: "object",
  fields: new Map<string, Shape>([
    ["name", text],
    ["level", scalar],
    ["items", { kind: "list", element: item }],
  ]),
};
const document = { name: "Ärger", level: 7, items: [1, 2, 3].map((id) => ({ id, title: `item ${id}` })) };

const { encode, decode, decodePartial } = encodingOf("msgpack");
const bytes = encode(document, shape);
const selections = [["name"], ["items/-/id"], ["level", "items/-1/title"]].map((paths) =>
  selectionFromPaths(paths, shape),
);
const read = () => [decode(bytes, shape), ...selections.map((selection) => decodePartial(bytes, selection, shape))];

let last = JSON.stringify(read());
for (let i = 0; i < 200; i++) {
  const again = JSON.stringify(read());
  if (again !== last) throw new Error(`read ${i} differs: ${again}`);
  last = again;
}
console.log(JSON.stringify({ canGenerateCode, read: JSON.parse(last) }));
