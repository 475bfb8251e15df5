/** The commits that the sides are given: each side its own resources, all of the same size. */
import type { Commit } from "../../src/stores/meta/meta-store.ts";
import { commitOf, createWrite, type Known, updateWrite } from "../../tests/conformance/meta-fixtures.ts";

export const resourceName = "todo";

const payload = (number: number) => ({
  // As long as those of the gateway: UUIDs, SHA-256.
  key: `${resourceName}/${resourceName}:${String(number).padStart(36, "0")}/1/${"w".repeat(36)}${number}`,
  hash: `sha256:${String(number).padStart(64, "0")}`,
  size: 1000,
  encoding: "msgpack" as const,
});

let counter = 0;

function content() {
  counter += 1;
  return {
    indexedData: { title: `Task ${(counter * 7919) % 100_000}`, level: counter % 1000 },
    indexFingerprint: "sha256:f",
    payload: payload(counter),
  };
}

export const seedId = (number: number) => `${resourceName}:seed${number}`;

/** Creates of the heads from–to, in one commit. */
export function seeds(from: number, to: number): Commit {
  const creates = Array.from({ length: to - from }, (_, i) => createWrite(resourceName, seedId(from + i), content()));
  return commitOf(...creates.map(({ write }) => write));
}

export interface Writer {
  create(): Commit;
  /** Of resources that `create` has made, in turns. Carry it out before you ask for the next of the same resource. */
  update(): Commit;
}

/** @param side tells its ids from those of others */
export function writer(side: string): Writer {
  const made: Known[] = [];
  let turn = 0;
  return {
    create() {
      const written = createWrite(resourceName, `${resourceName}:${side}-${made.length}`, content());
      made.push(written);
      return commitOf(written.write);
    },
    update() {
      const place = turn++ % Math.min(made.length, 500);
      const known = made[place];
      if (known === undefined) throw new Error("Nothing was created.");
      const written = updateWrite(known, content());
      made[place] = written;
      return commitOf(written.write);
    },
  };
}
