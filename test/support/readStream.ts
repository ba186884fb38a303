import { createParser, type EventSourceMessage } from 'eventsource-parser';

export interface StreamRead {
  status: number;
  headers: Headers;
  /** Everything that came, as text. */
  text: string;
  messages: EventSourceMessage[];
}

export interface StreamOptions {
  lastEventId?: number | string;
  /** Stops reading, and leaves, once this holds. */
  until?: (messages: EventSourceMessage[]) => boolean;
  /** Runs once, when the first bytes have come, while the stream stays open. */
  meanwhile?: () => Promise<void>;
}

/** Reads a stream until the server ends it, `until` holds, or 20 s have passed (which rejects). */
export async function readStream(
  url: string,
  { lastEventId, until = () => false, meanwhile }: StreamOptions = {},
): Promise<StreamRead> {
  const control = new AbortController();
  const response = await fetch(url, {
    headers: lastEventId === undefined ? {} : { 'last-event-id': String(lastEventId) },
    signal: AbortSignal.any([control.signal, AbortSignal.timeout(20_000)]),
  });
  const messages: EventSourceMessage[] = [];
  const parser = createParser({ onEvent: (message) => messages.push(message) });
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of response.body ?? []) {
    const part = decoder.decode(chunk, { stream: true });
    if (text === '') await meanwhile?.();
    text += part;
    parser.feed(part);
    if (until(messages)) break;
  }
  control.abort();
  return { status: response.status, headers: response.headers, text, messages };
}

/** The sequences of the events, in the order in which they came. */
export function sequencesOf({ messages }: StreamRead): number[] {
  return messages
    .filter(({ id, event }) => id !== undefined && event !== 'reset')
    .map(({ id }) => Number(id));
}
