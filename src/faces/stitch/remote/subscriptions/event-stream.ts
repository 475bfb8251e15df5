/**
 * The events of a `text/event-stream` (WHATWG HTML §9.2), as GraphQL over SSE uses them: `event` and `data`. Written here, because the
 * parser of graphql-sse's client knows no limit, and copies all that it holds of an event at each piece: an event of 16 MB blocks the
 * process for 4.5 seconds.
 */
import { StringDecoder } from "node:string_decoder";

export interface StreamEvent {
  readonly event: string;
  readonly data: string;
}

export interface EventStreamReader {
  /** @throws RangeError where an event exceeds `maxBytes` */
  read(piece: Buffer): void;
}

/** @param onComment a line that is none of an event: a sign of life */
export function createEventStreamReader(
  maxBytes: number,
  { onEvent, onComment }: { readonly onEvent: (event: StreamEvent) => void; readonly onComment: () => void },
): EventStreamReader {
  const decoder = new StringDecoder("utf8");
  /** Pieces of a line that has not ended. */
  let rest: string[] = [];
  let event = "";
  let data: string[] = [];
  /** Of the event that is read, in characters. */
  let size = 0;
  let isBehindReturn = false;

  const line = (text: string) => {
    if (text === "") {
      if (data.length > 0 || event !== "") onEvent({ event, data: data.join("\n") });
      event = "";
      data = [];
      size = 0;
      return;
    }
    const colon = text.indexOf(":");
    if (colon === 0) {
      size = data.length === 0 ? 0 : size;
      return onComment();
    }
    const name = colon < 0 ? text : text.slice(0, colon);
    const value = colon < 0 ? "" : text.slice(text[colon + 1] === " " ? colon + 2 : colon + 1);
    if (name === "event") event = value;
    else if (name === "data") data.push(value);
  };

  return {
    read(piece) {
      const decoded = decoder.write(piece);
      if (decoded === "") return;
      // The second half of a line's end.
      const text = isBehindReturn && decoded.startsWith("\n") ? decoded.slice(1) : decoded;
      isBehindReturn = decoded.endsWith("\r");
      size += text.length;
      const lines = text.split(/\r\n|\n|\r/);
      const [first = "", ...others] = lines;
      rest.push(first);
      for (const next of others) {
        line(rest.join(""));
        rest = [next];
      }
      if (size > maxBytes) throw new RangeError(`An event exceeds ${maxBytes} bytes`);
    },
  };
}
