import "../src/codec/encodings.ts";
import "../src/codec/partial-path.ts";
import "./partial/documents.ts";
import "./partial/rounds.ts";
