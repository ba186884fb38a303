import { executionModeStreamifyResponse } from '@middy/core/executionModeStreamifyResponse';
import type { AppDeps } from '../app/app.ts';
import { followTask } from '../app/followTask.ts';
import { openStreams } from '../app/openStreams.ts';
import { Refusal } from '../kernel/errors.ts';
import { StreamQuery } from '../task/queries.ts';
import { type Answer, empty } from './answer.ts';
import { eventFrames } from './eventFrames.ts';
import { type RouteCall, route } from './route.ts';
import { streamBody } from './streamBody.ts';

/** API Gateway ends a streamed answer after 15 minutes; an end of our own is a clean one. */
const STREAM_MAX_MS = 14 * 60_000;
/** What is kept of the function's time for a clean end. */
const END_MARGIN_MS = 5_000;
const STALL_MS = 30_000;

interface StreamOptions {
  app: () => Promise<AppDeps>;
  stallMs?: number;
}

/** `GET /v1/stream/{id}` as server-sent events. */
export function streamRoute({ app, stallMs = STALL_MS }: StreamOptions) {
  return route(
    { name: 'GET /v1/stream/{id}', access: 'read', app, query: StreamQuery },
    (call) => openStream(call, stallMs),
    executionModeStreamifyResponse,
  );
}

type StreamCall = RouteCall<unknown, { after?: number | undefined }>;

async function openStream(call: StreamCall, stallMs: number): Promise<Answer> {
  const { deps, remainingMs } = call;
  const { id = '' } = call.request.params;
  const control = new AbortController();
  const limitMs = Math.max(0, Math.min(STREAM_MAX_MS, remainingMs - END_MARGIN_MS));
  const following = await followTask(deps, {
    id,
    cursor: cursorOf(call),
    signal: AbortSignal.any([control.signal, AbortSignal.timeout(limitMs)]),
  });
  if (following.kind === 'over') return empty(204);
  const frames = eventFrames(following, deps.config.streamHeartbeatMs);
  return {
    status: 200,
    headers: {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
    },
    body: streamBody(frames, { streams: openStreams(deps), control, stallMs }),
  };
}

/** A reconnecting EventSource repeats its first URL, so the header, which is newer, wins over `?after`. */
function cursorOf({ request, query }: StreamCall): number | undefined {
  const lastEventId = request.headers['last-event-id'];
  if (lastEventId === undefined || lastEventId === '') return query.after;
  if (/^\d{1,15}$/.test(lastEventId)) return Number(lastEventId);
  throw new Refusal('invalid', 'Last-Event-ID is not the id of an event', {
    code: 'cursor_invalid',
    remedy: 'send the last id that the stream gave, or none to start from the first event',
  });
}
