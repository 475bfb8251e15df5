/**
 * Ids of the operations of one websocket. A client that has completed an operation is free to use its id again (graphql-ws' PROTOCOL.md, `Subscribe`); graphql-ws, where the
 * first is still at work then, would send its result under the second's name and end that. So such a second one runs under another id, which the client never sees.
 */
export interface OperationIds {
  /** Operations that are at work, those included whose client does not want them any more. */
  readonly running: number;
  /** @returns the id under which it is to run; one that is taken stays what it is, and is refused */
  begin(id: string): string;
  /** The client has completed it. @returns the id under which it runs */
  complete(id: string): string;
  /** It is at its end. */
  settle(id: string, inner: string): void;
  /** What the client is to see of a message. */
  shown(message: string): string;
}

/** No text that anybody types. */
const mark = "\u0001";

export function createOperationIds(): OperationIds {
  /** Of those that the client has not completed. */
  const innerIds = new Map<string, string>();
  const running = new Set<string>();
  /** How messages of the others begin, and how the client knows them. */
  const heads = new Map<string, string>();
  let given = 0;

  const another = (id: string) => {
    let inner = id;
    while (running.has(inner)) inner = `${id}${mark}${++given}`;
    return inner;
  };

  return {
    get running() {
      return running.size;
    },
    begin(id) {
      const taken = innerIds.get(id);
      if (taken !== undefined) return taken;
      const inner = another(id);
      innerIds.set(id, inner);
      running.add(inner);
      if (inner !== id) heads.set(headOf(inner), headOf(id));
      return inner;
    },
    complete(id) {
      const inner = innerIds.get(id) ?? id;
      innerIds.delete(id);
      return inner;
    },
    settle(id, inner) {
      running.delete(inner);
      heads.delete(headOf(inner));
      if (innerIds.get(id) === inner) innerIds.delete(id);
    },
    shown(message) {
      for (const [head, shown] of heads) if (message.startsWith(head)) return shown + message.slice(head.length);
      return message;
    },
  };
}

function headOf(id: string): string {
  return `{"id":${JSON.stringify(id)},`;
}
