import { EventSourceParserStream } from 'eventsource-parser/stream';
import { readText } from './bodyText.ts';
import type { Dialect } from './dialect.ts';
import type { Silence } from './silence.ts';

export type ServerEvent =
  | { kind: 'data'; data: string }
  /** The connection was lost, or given up; nothing follows. */
  | { kind: 'lost'; cause: unknown };

/** One line of a stream, in characters; a server that sends more without an end of line is broken. */
const LONGEST_FRAME = 4_194_304;

/** What a response says, piece by piece. Never throws: a loss is an event, so that what has come can be kept. */
export async function* eventsOf(
  response: Response,
  framing: Dialect['framing'],
  silence: Silence,
): AsyncGenerator<ServerEvent> {
  try {
    for await (const data of dataOf(response, framing, silence)) yield { kind: 'data', data };
  } catch (cause) {
    yield { kind: 'lost', cause };
  }
}

async function* dataOf(
  response: Response,
  framing: Dialect['framing'],
  silence: Silence,
): AsyncGenerator<string> {
  if (response.body === null) return;
  if (framing === 'lines') {
    yield* linesOf(textOf(response.body, silence));
    return;
  }
  if (response.headers.get('content-type')?.includes('text/event-stream') !== true) {
    // A server that ignores `stream` answers in one piece.
    yield await readText(response);
    return;
  }
  const frames = textOf(response.body, silence).pipeThrough(
    new EventSourceParserStream({ maxBufferSize: LONGEST_FRAME }),
  );
  for await (const { data } of frames) yield data;
}

type Body = NonNullable<Response['body']>;

function textOf(body: Body, silence: Silence): ReadableStream<string> {
  return body.pipeThrough(listenIn(silence)).pipeThrough(new TextDecoderStream());
}

async function* linesOf(texts: ReadableStream<string>): AsyncGenerator<string> {
  let rest = '';
  for await (const text of texts) {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    yield* lines.filter((line) => line.trim() !== '');
    if (rest.length > LONGEST_FRAME) break;
  }
  if (rest.trim() !== '') yield rest.slice(0, LONGEST_FRAME);
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
