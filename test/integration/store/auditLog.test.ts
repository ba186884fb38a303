import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../../../lib/kernel/clock.ts';
import { newTaskId } from '../../../lib/kernel/ids.ts';
import { systemRandom } from '../../../lib/kernel/random.ts';
import { brokenAt, type Denial } from '../../../lib/task/audit.ts';
import { openTestStore, type TestStore } from '../../support/testStore.ts';

let room: TestStore;
beforeEach(async () => {
  room = await openTestStore();
});
afterEach(() => room.close());

function denial(path: string): Denial {
  const who = { comm: 'java', pid: 7, call: 'openat' };
  return { kind: 'write', step: 'smoke.1', ...who, path, target: '/etc/passwd', reason: 'no' };
}

test('denials are kept in order as one chain over several batches, and told by events', async () => {
  const { taskId, fence } = await room.claimed();
  await room.store.appendDenials({ taskId, fence, denials: [denial('a'), denial('b')] });
  await room.store.appendDenials({ taskId, fence, denials: [denial('\u0000\u001b"\n\ud800')] });
  const entries = await room.store.auditAfter(taskId, 0, 10);
  expect(entries.map(({ seq, path }) => [seq, path])).toEqual([
    [1, 'a'],
    [2, 'b'],
    [3, '\u0000\u001b"\n\ud800'],
  ]);
  expect(brokenAt(entries)).toBeUndefined();
  const events = await room.events(taskId);
  expect(events.filter(({ type }) => type === 'write.denied')).toHaveLength(3);
  expect((await room.store.metricsSnapshot()).denials).toEqual([{ kind: 'write', count: 3 }]);
});

test('batches that come at the same time form one chain', async () => {
  const { taskId, fence } = await room.claimed();
  const batches = Array.from({ length: 8 }, (_, index) => [denial(`${index}`), denial('x')]);
  await Promise.all(batches.map((denials) => room.store.appendDenials({ taskId, fence, denials })));
  const entries = await room.store.auditAfter(taskId, 0, 100);
  expect(entries).toHaveLength(16);
  expect(brokenAt(entries)).toBeUndefined();
});

test('a run that lost its fence, and an unknown task, write nothing', async () => {
  const { taskId, fence } = await room.claimed();
  const denials = [denial('a')];
  expect(await room.store.appendDenials({ taskId, fence: fence + 1, denials })).toBeUndefined();
  const unknown = newTaskId(systemClock.now(), systemRandom);
  expect(await room.store.appendDenials({ taskId: unknown, denials })).toBeUndefined();
  expect(await room.store.auditAfter(taskId, 0, 10)).toEqual([]);
});

test('an entry cannot be changed, and what is changed past the trigger breaks the chain', async () => {
  const { taskId, fence } = await room.claimed();
  await room.store.appendDenials({ taskId, fence, denials: [denial('a'), denial('b')] });
  const change = `update audit set entry = replace(entry::text, '"a"', '"z"')::json where seq = 1`;
  await expect(room.database.query(change)).rejects.toThrow('append-only');
  await room.database.query('alter table audit disable trigger audit_append_only');
  await room.database.query(change);
  expect(brokenAt(await room.store.auditAfter(taskId, 0, 10))).toBe(1);
});
