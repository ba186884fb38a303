import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TaskId } from '../../../lib/kernel/ids.ts';
import { statusAfter } from '../../../lib/task/event.ts';
import { isTerminal, type TaskStatus } from '../../../lib/task/state.ts';
import {
  aFailure,
  aSuccess,
  openTestStore,
  TERMS,
  type TestStore,
} from '../../support/testStore.ts';

let room: TestStore;
beforeAll(async () => {
  room = await openTestStore();
});
afterAll(() => room.close());

/** What a task should be, by the words of the lifecycle. */
interface Model {
  status: TaskStatus;
  lapses: number;
  attempt: number;
  events: number;
  /** A result is in the workspace although the task was cancelled: it must be taken out before a resume. */
  applied: boolean;
  /** Fences that were ever given out; the last one holds while the task is worked on. */
  fences: number[];
}

const MAX_ATTEMPTS = TERMS.maxAttempts;
const MOVES = [
  'claim',
  'lapse and claim',
  'lapse and sweep',
  'hand back',
  'succeed',
  'fail',
  'cancel',
  'confirm',
  'resume',
  'late finish',
] as const;
type MoveName = (typeof MOVES)[number];

const worked = (status: TaskStatus) => status === 'running' || status === 'cancelling';

/** The model's answer to a move: the same table that a reader of the lifecycle would draw. */
function expected(model: Model, move: MoveName): Model {
  const { status, lapses, attempt, events } = model;
  const to = (next: TaskStatus, more: number, changes: Partial<Model> = {}) => ({
    ...model,
    status: next,
    events: events + more,
    ...changes,
  });
  const exhausted = lapses + 1 >= MAX_ATTEMPTS;
  switch (`${move}: ${status}`) {
    case 'claim: queued':
    case 'lapse and claim: queued':
      return to('running', 1, { attempt: attempt + 1 });
    case 'lapse and claim: running':
      if (exhausted) return to('failed', 1, { lapses: lapses + 1 });
      return to('running', 2, { lapses: lapses + 1, attempt: attempt + 1 });
    case 'lapse and sweep: running':
      return to(exhausted ? 'failed' : 'queued', 1, { lapses: lapses + 1 });
    case 'hand back: running':
      return to('queued', 1);
    case 'succeed: running':
      return to('succeeded', 1);
    case 'fail: running':
      return to('failed', 1);
    case 'cancel: running':
      return to('cancelling', 1);
    case 'succeed: cancelling':
      return to('cancelled', 1, { applied: true });
    case 'cancel: queued':
    case 'lapse and sweep: cancelling':
    case 'hand back: cancelling':
    case 'fail: cancelling':
    case 'confirm: cancelling':
      return to('cancelled', 1);
    case 'resume: cancelled':
    case 'resume: failed':
      if (model.applied) return model;
      return to('queued', 1, { lapses: 0 });
    default:
      return model;
  }
}

async function make(taskId: TaskId, move: MoveName, fences: number[]): Promise<void> {
  const held = { taskId, fence: fences.at(-1) ?? 0 };
  const claim = async () => {
    const claimed = await room.store.claimTask({ ...TERMS, taskId });
    if (claimed !== undefined) fences.push(claimed.fence);
  };
  const makers: Record<MoveName, () => Promise<unknown>> = {
    claim,
    'lapse and claim': async () => {
      await lapse(taskId);
      await claim();
    },
    'lapse and sweep': async () => {
      await lapse(taskId);
      await room.store.sweep({ maxAttempts: MAX_ATTEMPTS, limit: 100 });
    },
    'hand back': () => room.store.handBack(held),
    succeed: () => room.store.finishTask(aSuccess(held)),
    fail: () => room.store.finishTask(aFailure(held)),
    cancel: () => room.store.requestCancel(taskId),
    confirm: () => room.store.confirmCancelled(held),
    resume: () => room.store.resumeTask({ taskId, from: 'journal' }),
    'late finish': () => room.store.finishTask(aSuccess({ taskId, fence: fences.at(-2) ?? 0 })),
  };
  await makers[move]();
}

async function lapse(taskId: TaskId): Promise<void> {
  await room.database.query(
    `update tasks set lease_until = now() - interval '1 second'
     where id = $1 and lease_until is not null`,
    [taskId],
  );
}

test('any sequence of moves leaves the task where the lifecycle says, told without a gap', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom(...MOVES), { minLength: 1, maxLength: 25 }),
      async (moves) => {
        const taskId = await room.submitted();
        let model: Model = {
          status: 'queued',
          lapses: 0,
          attempt: 0,
          events: 1,
          applied: false,
          fences: [],
        };
        for (const move of moves) {
          await make(taskId, move, model.fences);
          model = expected(model, move);
          const task = await room.store.findTask(taskId);
          expect(task).toMatchObject({
            status: model.status,
            lapses: model.lapses,
            attempt: model.attempt,
            lastSeq: model.events,
          });
          // The last fence that was given out is good exactly while its run goes on.
          expect(task?.fence === model.fences.at(-1)).toBe(worked(model.status));
        }
        await expectTrueLog(taskId, model);
        expect(model.fences).toEqual([...new Set(model.fences)].toSorted((a, b) => a - b));
        await room.store.requestCancel(taskId);
      },
    ),
    { numRuns: 60 },
  );
});

/** The log alone tells the status, and a task that ended says so last. */
async function expectTrueLog(taskId: TaskId, { status, events }: Model): Promise<void> {
  const log = await room.events(taskId);
  expect(log.map(({ seq }) => seq)).toEqual(Array.from({ length: events }, (_, at) => at + 1));
  expect(log.reduce<TaskStatus>((before, event) => statusAfter(event, before), 'queued')).toBe(
    status,
  );
  expect(log.at(-1)?.type === 'task.finished').toBe(isTerminal(status));
}
