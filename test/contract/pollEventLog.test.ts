import { describe } from 'vitest';
import { createPollEventLog } from '../../lib/events/adapters/poll.ts';
import { eventLogContract } from './eventLog.ts';

describe('the event log that polls', () => {
  eventLogContract((_, store) => createPollEventLog(store, { pollMs: 50 }));
});
