import { createParser, type EventSourceMessage } from 'eventsource-parser';
import { Unreachable } from './errors.ts';
import { lost } from './transport.ts';

export interface Connection {
  url: string;
  response: Response;
  /** Ends the connection; fired here too, with `Unreachable`, after too long a silence. */
  control: AbortController;
  /** Longer than this without one byte means that the other side is gone: a live one sends heartbeats. */
  silenceMs: number;
}

/** Every message of one connection; returns when the server ends it, throws `Unreachable` when it breaks. */
export async function* framesOf(connection: Connection): AsyncGenerator<EventSourceMessage> {
  const { url, control, silenceMs } = connection;
  const arrived: EventSourceMessage[] = [];
  const parser = createParser({ onEvent: (message) => arrived.push(message) });
  const decoder = new TextDecoder();
  const silent = new Unreachable(url, `the stream was silent for ${silenceMs} ms`);
  const watchdog = setTimeout(() => control.abort(silent), silenceMs);
  try {
    for await (const chunk of connection.response.body ?? []) {
      watchdog.refresh();
      parser.feed(decoder.decode(chunk, { stream: true }));
      yield* arrived.splice(0);
    }
  } catch (error) {
    throw lost(url, error, control.signal);
  } finally {
    clearTimeout(watchdog);
  }
}
