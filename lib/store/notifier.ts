import type { Db } from '../db/db.ts';
import type { EventSeq, TaskId } from '../kernel/ids.ts';

/** What Postgres sends on this channel is `taskId:seq`: the log of that task has grown up to seq, or further. */
export const TASK_EVENTS_CHANNEL = 'task_events';

export interface Notice {
  taskId: TaskId;
  seq: EventSeq;
}

/**
 * Tells the listeners of committed events. A NOTIFY takes a lock of the whole database at commit, so it is sent after the
 * commit, by itself, and notices that come while one is under way travel together with the next.
 * A notice that cannot be sent is dropped: followers also look by themselves.
 */
export interface Notifier {
  announce(notices: readonly Notice[]): void;
  /** Resolves when everything announced so far was sent or dropped. */
  flush(): Promise<void>;
}

export function createNotifier(db: Db): Notifier {
  const waiting = new Map<TaskId, EventSeq>();
  let sending: Promise<void> | undefined;

  async function sendAll(): Promise<void> {
    while (waiting.size > 0) {
      const payloads = [...waiting].map(([taskId, seq]) => `${taskId}:${seq}`);
      waiting.clear();
      await send(db, payloads);
    }
    sending = undefined;
  }

  return {
    announce(notices) {
      for (const { taskId, seq } of notices) {
        waiting.set(taskId, Math.max(seq, waiting.get(taskId) ?? 0) as EventSeq);
      }
      // A microtask later, so that what was committed in the same turn travels together.
      if (waiting.size > 0) sending ??= Promise.resolve().then(sendAll);
    },
    flush: () => sending ?? Promise.resolve(),
  };
}

async function send(db: Db, payloads: string[]): Promise<void> {
  try {
    await db.query(
      `select pg_notify('${TASK_EVENTS_CHANNEL}', payload)
       from unnest($1::text[]) as payload`,
      [payloads],
    );
  } catch {
    // Best effort by contract: whoever missed it reads the log within its safety poll.
  }
}
