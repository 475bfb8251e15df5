/** Holds back commits of this process that would keep another one, which rests on all of a resource name, from getting on. */
import type { Commit } from "../meta-store.ts";
import { nonesOf } from "../refusal.ts";

export interface Gate {
  isClosed(): boolean;
  /** To whoever writes a name that the commit rests on. One at a time closes it. */
  close(commit: Commit): void;
  open(): void;
  /** Resolves at once where the commit writes none of the names. */
  passed(commit: Commit): Promise<void>;
}

interface Closed {
  readonly names: ReadonlySet<string>;
  readonly opened: Promise<void>;
  readonly open: () => void;
}

export function createGate(): Gate {
  let closed: Closed | undefined;
  return {
    isClosed: () => closed !== undefined,
    close(commit) {
      if (closed !== undefined) return;
      let open = () => {};
      const opened = new Promise<void>((resolve) => {
        open = resolve;
      });
      closed = { names: new Set(nonesOf(commit).map(([, { resourceName }]) => resourceName)), opened, open };
    },
    open() {
      closed?.open();
      closed = undefined;
    },
    async passed({ writes }) {
      while (closed !== undefined && writes.some(({ resourceName }) => closed?.names.has(resourceName))) {
        await closed.opened;
      }
    },
  };
}
