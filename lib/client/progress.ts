import type { EventSourceMessage } from 'eventsource-parser';
import * as z from 'zod';
import { isEventType, parseTaskEvent } from '../task/event.ts';
import { TaskView } from '../task/view.ts';
import { Unreachable } from './errors.ts';
import type { Followed } from './follow.ts';

/** How far a follower has come, over all its connections. */
export interface Progress {
  /** Last sequence seen; undefined before the first when the caller gave none. */
  readonly cursor: number | undefined;
  /** Whether the last event ended the task. */
  readonly finished: boolean;
  /** Whether this connection has brought an event. */
  heard: boolean;
  readonly everHeard: boolean;
  /** By `performance.now()`. */
  readonly lastHeardAt: number;
  /** Attempts in a row that brought nothing. */
  failures: number;
  /** What a message means for the caller. Throws `Unreachable` at a gap, so that it is fetched again. */
  take(message: EventSourceMessage, url: string): Iterable<Followed>;
}

const Reset = z.object({ reason: z.string(), last_seq: z.int() });

export function createProgress(after: number | undefined): Progress {
  let snapshotSeen = false;
  const progress = {
    cursor: after,
    finished: false,
    heard: false,
    everHeard: false,
    lastHeardAt: performance.now(),
    failures: 0,
    *take(message: EventSourceMessage, url: string): Iterable<Followed> {
      progress.everHeard = true;
      progress.lastHeardAt = performance.now();
      switch (message.event) {
        case 'heartbeat':
          yield { kind: 'heartbeat' };
          return;
        case 'snapshot': {
          if (snapshotSeen) return;
          snapshotSeen = true;
          yield { kind: 'snapshot', task: TaskView.parse(JSON.parse(message.data)) };
          return;
        }
        case 'reset': {
          const reset = Reset.parse(JSON.parse(message.data));
          progress.cursor = reset.last_seq;
          // News enough: where the task has ended, nothing follows on this connection.
          progress.heard = true;
          snapshotSeen = false;
          yield { kind: 'reset', reason: reset.reason, lastSeq: reset.last_seq };
          return;
        }
        default:
          yield* advance(progress, message, url);
      }
    },
  };
  return progress;
}

type Position = Pick<Progress, 'heard' | 'failures'> & {
  cursor: number | undefined;
  finished: boolean;
};

function* advance(
  position: Position,
  message: EventSourceMessage,
  url: string,
): Iterable<Followed> {
  const type = message.event ?? 'message';
  const seq = Number(message.id);
  const cursor = position.cursor ?? 0;
  if (!Number.isSafeInteger(seq) || seq <= cursor) return;
  if (seq > cursor + 1) throw new Unreachable(url, `event ${cursor + 1} is missing before ${seq}`);
  position.heard = true;
  position.failures = 0;
  const value: unknown = JSON.parse(message.data);
  position.cursor = seq;
  position.finished = type === 'task.finished';
  yield isEventType(type)
    ? { kind: 'event', event: parseTaskEvent(value) }
    : { kind: 'unknown_event', seq, type, data: value };
}
