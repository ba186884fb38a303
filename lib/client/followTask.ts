import { setTimeout as wait } from 'node:timers/promises';
import { systemRandom } from '../kernel/random.ts';
import { ApiProblem, Unreachable } from './errors.ts';
import type { Followed, FollowOptions } from './follow.ts';
import { framesOf } from './frames.ts';
import { createProgress, type Progress } from './progress.ts';
import type { Transport } from './transport.ts';

export interface FollowRequest extends FollowOptions {
  url: string;
  taskId: string;
}

const GIVE_UP_AFTER_MS = 60_000;
/** Servers send a heartbeat every 10 s unless told otherwise. */
const SILENCE_MS = 60_000;
const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 10_000;

/** Follows over as many connections as it takes; see `Client.followTask`. */
export async function* followTask(
  transport: Transport,
  request: FollowRequest,
): AsyncGenerator<Followed> {
  const progress = createProgress(request.after);
  for (;;) {
    const ending = yield* followOnce(transport, request, progress);
    if (ending.kind === 'over') return;
    if (ending.kind === 'cut' && progress.finished) return;
    if (ending.kind === 'closed' && progress.heard) continue;
    const pause = nextPause(request, progress, ending);
    yield pause;
    await sleep(pause.waitMs, request.signal);
    if (request.signal?.aborted) return;
  }
}

type Ending =
  /** The task has ended and everything was seen, or the caller left. */
  | { kind: 'over' }
  /** The server ended the connection by itself: there may be more. */
  | { kind: 'closed' }
  | { kind: 'cut'; error: Error; retryAfterMs: number };

async function* followOnce(
  transport: Transport,
  request: FollowRequest,
  progress: Progress,
): AsyncGenerator<Followed, Ending> {
  const control = new AbortController();
  const leave = () => control.abort(request.signal?.reason);
  request.signal?.addEventListener('abort', leave, { once: true });
  progress.heard = false;
  try {
    if (request.signal?.aborted) return { kind: 'over' };
    const response = await open(transport, request, { progress, signal: control.signal });
    if (response.status === 204) return { kind: 'over' };
    const connection = { url: request.url, response, control, silenceMs: SILENCE_MS };
    for await (const message of framesOf(connection)) yield* progress.take(message, request.url);
    return { kind: 'closed' };
  } catch (error) {
    if (request.signal?.aborted) return { kind: 'over' };
    return cutBy(error, progress);
  } finally {
    request.signal?.removeEventListener('abort', leave);
    control.abort();
  }
}

function open(
  transport: Transport,
  request: FollowRequest,
  { progress, signal }: { progress: Progress; signal: AbortSignal },
): Promise<Response> {
  const cursor = progress.cursor;
  return transport.send({
    method: 'GET',
    path: `/v1/stream/${encodeURIComponent(request.taskId)}`,
    headers: {
      accept: 'text/event-stream, application/problem+json',
      ...(cursor === undefined ? {} : { 'last-event-id': String(cursor) }),
    },
    signal,
  });
}

/** What may pass by itself is tried again; the rest, and a service that was never reached, is thrown. */
function cutBy(error: unknown, progress: Progress): Ending {
  if (error instanceof Unreachable && progress.everHeard)
    return { kind: 'cut', error, retryAfterMs: 0 };
  if (error instanceof ApiProblem && error.problem.retryable) {
    return { kind: 'cut', error, retryAfterMs: (error.retryAfterSeconds ?? 0) * 1_000 };
  }
  throw error;
}

function nextPause(request: FollowRequest, progress: Progress, ending: Ending) {
  const silentMs = performance.now() - progress.lastHeardAt;
  const isCut = ending.kind === 'cut';
  if (isCut && silentMs > (request.giveUpAfterMs ?? GIVE_UP_AFTER_MS)) throw ending.error;
  progress.failures += 1;
  const doubled = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (progress.failures - 1));
  const jittered = Math.round(doubled * (0.5 + systemRandom.next() / 2));
  return {
    kind: 'reconnecting' as const,
    attempt: progress.failures,
    waitMs: Math.max(jittered, isCut ? ending.retryAfterMs : 0),
    why: isCut ? ending.error.message : 'the server ended the stream',
  };
}

async function sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await wait(ms, undefined, signal === undefined ? {} : { signal });
  } catch (error) {
    if (!signal?.aborted) throw error;
  }
}
