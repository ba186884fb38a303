import type { Store } from '../../store/store.ts';
import type { EventLog } from '../events.ts';
import { Follower, type LogReader } from '../follower.ts';

/** Looks for news every `pollMs`: for a Lambda, where each stream has a process of its own and nobody to listen for it. */
export function createPollEventLog(
  store: Pick<Store, 'eventsAfter' | 'statusAt'>,
  { pollMs = 1_000 }: { pollMs?: number } = {},
): EventLog {
  const followers = new Set<Follower>();
  const reader: LogReader = {
    eventsAfter: ({ taskId, seq, limit }) => store.eventsAfter(taskId, seq, limit),
    statusAt: (taskId, seq) => store.statusAt(taskId, seq),
  };
  let closed = false;

  return {
    async *follow(taskId, afterSeq, signal) {
      if (closed) return;
      const follower = new Follower({ reader, taskId, afterSeq, signal });
      followers.add(follower);
      const timer = setInterval(() => follower.lookAgain(), pollMs);
      try {
        yield* follower.batches();
      } finally {
        clearInterval(timer);
        followers.delete(follower);
      }
    },
    close: async () => {
      closed = true;
      for (const follower of followers) follower.stop();
    },
  };
}
