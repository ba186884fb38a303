import { connectPostgres } from '../../lib/db/adapters/pg.ts';
import type { Database } from '../../lib/db/db.ts';
import { systemClock } from '../../lib/kernel/clock.ts';
import { type EventSeq, newTaskId, type TaskId } from '../../lib/kernel/ids.ts';
import { systemRandom } from '../../lib/kernel/random.ts';
import type { Claim } from '../../lib/store/claim.ts';
import type { Finish } from '../../lib/store/finishTask.ts';
import type { NewTask } from '../../lib/store/insertTasks.ts';
import type { NewStep } from '../../lib/store/journal.ts';
import { createStore, type Store } from '../../lib/store/store.ts';
import type { TaskEvent } from '../../lib/task/event.ts';
import { TaskPayload } from '../../lib/task/payload.ts';
import { NO_USAGE } from '../../lib/task/view.ts';
import { createTestDatabase } from './testDatabase.ts';

export interface TestStore {
  url: string;
  database: Database;
  store: Store;
  /** A queued task that was just submitted. */
  submitted(task?: Partial<NewTask>): Promise<TaskId>;
  /** A running task and its claim. */
  claimed(task?: Partial<NewTask>): Promise<Claim>;
  /** Makes the task's lease end in the past, as if its worker had been silent for that long. */
  lapse(taskId: TaskId): Promise<void>;
  events(taskId: TaskId): Promise<TaskEvent[]>;
  close(): Promise<void>;
}

export const TERMS = { owner: 'worker-1', leaseMs: 60_000, maxAttempts: 3 };
export const FROM_THE_START = 0 as EventSeq;

/** A store on a database of its own. */
export async function openTestStore(): Promise<TestStore> {
  const { url, drop } = await createTestDatabase();
  const database = connectPostgres(url);
  const store = createStore(database);
  const submitted = async (given: Partial<NewTask> = {}) => {
    const task = aTask(given);
    await store.insertTasks([task]);
    return task.id;
  };
  return {
    url,
    database,
    store,
    submitted,
    claimed: async (given) => {
      const taskId = await submitted(given);
      const claim = await store.claimTask({ ...TERMS, taskId });
      if (claim === undefined) throw new Error('a task that was just submitted was not claimed');
      return claim;
    },
    lapse: async (taskId) => {
      await database.query(
        `update tasks set lease_until = now() - interval '1 second' where id = $1`,
        [taskId],
      );
    },
    events: (taskId) => store.eventsAfter(taskId, FROM_THE_START, 10_000),
    close: async () => {
      await store.close();
      await database.close();
      await drop();
    },
  };
}

export function anId(): TaskId {
  return newTaskId(systemClock.now(), systemRandom);
}

export function aTask(given: Partial<NewTask> = {}): NewTask {
  return {
    id: anId(),
    apiKeyHash: 'key-1',
    bodyHash: 'body-1',
    payload: aPayload('Add a greeting'),
    traceparent: null,
    ...given,
  };
}

export function aPayload(goal: string, language = 'python'): TaskPayload {
  return TaskPayload.parse({ type: 'CODE', input: { language, repo: { path: 'shop' }, goal } });
}

/** The end of a run that proved what it did. */
export function aSuccess({ taskId, fence }: Pick<Claim, 'taskId' | 'fence'>): Finish {
  return {
    taskId,
    fence,
    status: 'succeeded',
    verdict: { name: 'verified', summary: 'All tests pass.' },
    failure: null,
    patch: {
      base_tree_hash: 'base',
      tree_hash: 'tree',
      changes: [{ path: 'a.py', before: null, after: 'cGFzcw==', mode: 0o644 }],
    },
    result: {
      proof: null,
      model: null,
      usage: NO_USAGE,
      files: [{ path: 'a.py', action: 'created', bytes: 4 }],
      apply: { state: 'applied', why: 'verified', paths: ['a.py'] },
    },
  };
}

/** The end of a run that could not end by itself. */
export function aFailure(claim: Pick<Claim, 'taskId' | 'fence'>): Finish {
  return {
    ...aSuccess(claim),
    status: 'failed',
    verdict: null,
    failure: { code: 'budget_exhausted', message: 'The tokens are used up.' },
    patch: null,
  };
}

export function aStep(
  { taskId, fence, attempt }: Pick<Claim, 'taskId' | 'fence' | 'attempt'>,
  given: Partial<NewStep> = {},
): NewStep {
  const key = given.key ?? 'code.1';
  return {
    taskId,
    fence,
    attempt,
    key,
    inputHash: 'input-1',
    ok: true,
    output: { answer: 42 },
    patch: null,
    tokens: 7,
    ms: 11,
    events: [{ type: 'step.finished', data: { step: key, outcome: 'done', ms: 11, tokens: 7 } }],
    ...given,
  };
}

export function typesOf(events: readonly TaskEvent[]): string[] {
  return events.map(({ type }) => type);
}
