import { memoryJournal } from "../../../src/stores/meta/drivers/memory-journal.ts";
import { journalSuite } from "../../conformance/journal.suite.ts";
import { journalOracle } from "../../conformance/journal-oracle.suite.ts";

const open = async () => {
  const journal = memoryJournal();
  return { nodes: [journal], [Symbol.asyncDispose]: () => journal.close() } as const;
};

journalSuite("memory", "none", open);
// Against itself: the sequences are legal, and it answers alike twice.
journalOracle("memory", open, 100);
