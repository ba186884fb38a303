import { EventSourceParserStream } from 'eventsource-parser/stream';
import type { Silence } from './silence.ts';

export type ServerEvent =
  | { kind: 'data'; data: string }
  /** The connection was lost, or given up; nothing follows. */
  | { kind: 'lost'; cause: unknown };

/** One line of a stream, in characters; a server that sends more without an end of line is broken. */
const LONGEST_FRAME = 4_194_304;

/** What a response says, piece by piece. Never throws: a loss is an event, so that what has come can be kept. */
export async function* eventsOf(response: Response, silence: Silence): AsyncGenerator<ServerEvent> {
  try {
    const isStream = response.headers.get('content-type')?.includes('text/event-stream') === true;
    if (!isStream || response.body === null) {
      // A server that ignores `stream` answers in one piece.
      yield { kind: 'data', data: await response.text() };
      return;
    }
    const frames = response.body
      .pipeThrough(listenIn(silence))
      .pipeThrough(new TextDecoderStream())
      .pipeThrough(new EventSourceParserStream({ maxBufferSize: LONGEST_FRAME }));
    for await (const { data } of frames) yield { kind: 'data', data };
  } catch (cause) {
    yield { kind: 'lost', cause };
  }
}

/** Any byte is a sign of life: llama-server sends comments while it reads a long prompt. */
function listenIn(
  silence: Silence,
): TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>> {
  return new TransformStream({
    transform(chunk, controller) {
      silence.heard();
      controller.enqueue(chunk);
    },
  });
}
