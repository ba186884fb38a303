import type { Following } from '../app/followTask.ts';
import type { TaskEvent } from '../task/event.ts';
import { HEARTBEAT, withHeartbeats } from './heartbeats.ts';
import { encodeComment, encodeFrame, encodeRetry } from './sse.ts';

type Stream = Extract<Following, { kind: 'stream' }>;

export const RETRY_MS = 1_000;

/** Characters that are handed on at once: a long replay is never held in memory whole. */
const CHUNK_CHARACTERS = 65_536;

/** The text of one stream, in chunks: retry, reset if any, snapshot, then events and heartbeats until the end. */
export async function* eventFrames(stream: Stream, heartbeatMs: number): AsyncGenerator<string> {
  yield encodeRetry(RETRY_MS) + encodeStart(stream);
  for await (const item of withHeartbeats(stream.batches, heartbeatMs)) {
    if (item === HEARTBEAT) yield encodeHeartbeat();
    else yield* encodeBatch(item.events);
  }
}

/** Only a reset carries an id: it gives the reader a cursor that this log has. */
function encodeStart({ reset, snapshot }: Stream): string {
  const frame = encodeFrame({ event: 'snapshot', data: snapshot });
  if (reset === undefined) return frame;
  const id = snapshot.last_seq;
  return encodeFrame({ event: 'reset', id, data: { reason: reset, last_seq: id } }) + frame;
}

/** The comment keeps proxies awake, the event tells a program; without an id the cursor stays where it is. */
function encodeHeartbeat(): string {
  return encodeComment('heartbeat') + encodeFrame({ event: 'heartbeat', data: {} });
}

function* encodeBatch(events: readonly TaskEvent[]): Generator<string> {
  let chunk = '';
  for (const event of events) {
    chunk += encodeFrame({ event: event.type, id: event.seq, data: event });
    if (chunk.length < CHUNK_CHARACTERS) continue;
    yield chunk;
    chunk = '';
  }
  if (chunk !== '') yield chunk;
}
