import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { brokenAt } from '../../lib/task/audit.ts';
import { type House, openHouse, type WorkerProcess } from '../support/house.ts';
import { ADD_REPOSITORY, addTask } from '../support/pythonTask.ts';
import { childrenOf, eventsOf, expectOneEnd, isStepStart, whenSeen } from '../support/watchTask.ts';

let house: House;
let outside: string;
beforeAll(async () => {
  house = await openHouse({ LEASE_MS: '20000', WORKER_CONCURRENCY: '4' });
  outside = mkdtempSync(join(tmpdir(), 'agent-outside-'));
  writeFileSync(join(outside, 'secret.txt'), 'secret');
});
afterAll(async () => {
  await house.close();
  rmSync(outside, { recursive: true, force: true });
});

/** A task of the scaffold: no model is asked, nothing is executed. */
function quickTask(folder: string) {
  return {
    type: 'CODE',
    input: {
      language: 'python',
      repo: { path: join(house.workspace, folder) },
      goal: 'Write a module that greets',
    },
    output_contract: { expected_files: ['greeting.py'] },
    oracle: { smoke: false, full: false },
  };
}

async function submit(payload: object): Promise<string> {
  return (await house.client.submitTask(payload)).task_id;
}

test('fifty tasks and three workers: each task is claimed once', async () => {
  mkdirSync(join(house.workspace, 'many'));
  const workers = [1, 2, 3].map(() => house.startWorker());
  const ids = await Promise.all(Array.from({ length: 50 }, () => submit(quickTask('many'))));
  const owners = new Set<unknown>();
  for (const taskId of ids) {
    expect((await house.ended(taskId)).status).toBe('succeeded');
    const events = await eventsOf(house.client, taskId);
    expectOneEnd(events);
    const claims = events.filter((event) => event.type === 'task.claimed');
    expect(claims).toHaveLength(1);
    for (const { data } of claims) owners.add(data.worker);
  }
  expect(owners.size).toBeGreaterThan(1);
  await Promise.all(workers.map((worker) => worker.kill('SIGTERM')));
});

test('a task that is cancelled while it is queued ends at once and is never claimed', async () => {
  mkdirSync(join(house.workspace, 'queued'));
  const cancelled = await submit(quickTask('queued'));
  await house.client.cancelTask(cancelled);
  expect((await house.client.getTask(cancelled)).status).toBe('cancelled');
  const later = await submit(quickTask('queued'));
  const worker = house.startWorker();
  await house.ended(later);
  const types = (await eventsOf(house.client, cancelled)).map(({ type }) => type);
  expect(types).toEqual(['task.submitted', 'task.finished']);
  await worker.kill('SIGTERM');
});

test('a task that is cancelled while it compiles ends with no process left, and without that step', async () => {
  house.seed({
    ...ADD_REPOSITORY,
    'add/large.py': 'def f(a, b):\n    return [a.x(b, 1), b.y(a, 2)]\n'.repeat(20_000),
  });
  const payload = { ...addTask(house.workspace), output_contract: { expected_files: ['new.py'] } };
  const worker: WorkerProcess = house.startWorker();
  const taskId = await submit(payload);
  await whenSeen(house.client, taskId, isStepStart('compile.1'));
  await vi.waitFor(() => expect(childrenOf(worker)).not.toEqual([]), 10_000);
  await house.client.cancelTask(taskId);
  expect((await house.ended(taskId)).status).toBe('cancelled');
  expect(childrenOf(worker)).toEqual([]);
  const events = await eventsOf(house.client, taskId);
  expectOneEnd(events);
  expect(events.map(({ data }) => data)).not.toContainEqual(
    expect.objectContaining({ step: 'compile.1', outcome: 'done' }),
  );
  await worker.kill('SIGTERM');
});

test('what leads out of the workspace is denied by name and target, and nothing is touched', async () => {
  symlinkSync(outside, join(house.workspace, 'leads-out'));
  mkdirSync(join(house.workspace, 'holds-link'));
  symlinkSync(join(outside, 'secret.txt'), join(outside, 'again'));
  symlinkSync(join(outside, 'again'), join(house.workspace, 'holds-link/inner.txt'));
  mkdirSync(join(house.workspace, 'holds-door'));
  execFileSync('mkfifo', [join(house.workspace, 'holds-door/door')]);
  const before = readdirSync(house.workspace);
  const worker = house.startWorker();
  for (const [folder, link, target] of [
    ['leads-out', 'leads-out', outside],
    ['holds-link', 'inner.txt', join(outside, 'secret.txt')],
    ['holds-door', 'door', join(house.workspace, 'holds-door/door')],
  ] as const) {
    const taskId = await submit(quickTask(folder));
    const { status, failure } = await house.ended(taskId);
    expect({ status, code: failure?.code }).toEqual({ status: 'failed', code: 'input_denied' });
    expect(failure?.message).toContain(link);
    expect(failure?.message).toContain(target);
    expect(failure?.remedy).toMatch(/^(Remove|Name) /);
    const told = (await eventsOf(house.client, taskId)).find(({ type }) => type === 'read.denied');
    expect(told?.data).toMatchObject({ path: expect.stringContaining(link), target });
    const audit = await house.client.auditTask(taskId);
    expect(audit).toMatchObject([{ kind: 'read', step: 'prepare', call: 'copy', target }]);
    expect(brokenAt(audit)).toBeUndefined();
  }
  const { failure } = await house.ended(await submit(quickTask('nowhere')));
  expect(failure).toMatchObject({ code: 'input_missing' });
  expect(failure?.message).toContain(join(house.workspace, 'nowhere'));
  expect(readdirSync(house.workspace)).toEqual(before);
  expect(readFileSync(join(outside, 'secret.txt'), 'utf8')).toBe('secret');
  await worker.kill('SIGTERM');
});
