import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, watch, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { runAgentctl } from '../../scripts/agentctl/agentctl.ts';
import { createHost } from '../support/agentctlHost.ts';
import { type House, openHouse, type WorkerProcess } from '../support/house.ts';
import { ADD_REPOSITORY, addTask, RIGHT_ANSWER } from '../support/pythonTask.ts';
import {
  type ScriptedModelServer,
  startScriptedModelServer,
} from '../support/scriptedModelServer.ts';
import { isStepStart, whenSeen } from '../support/watchTask.ts';

let house: House;
const workers: WorkerProcess[] = [];
const servers: ScriptedModelServer[] = [];

beforeAll(async () => {
  house = await openHouse();
});
afterEach(async () => {
  for (const worker of workers.splice(0)) await worker.kill('SIGTERM');
  for (const server of servers.splice(0)) await server.close();
});
afterAll(() => house.close());

const CALCULATOR = 'def add(a, b):\n    raise NotImplementedError\n';

async function workerThatHears(answer: string): Promise<WorkerProcess> {
  const server = await startScriptedModelServer({ answers: [answer] });
  servers.push(server);
  // Hundreds of files are copied, hashed and compared in one go: a busy machine must not take that for a dead worker.
  const worker = house.startWorker({
    MODEL_SERVERS: `scripted=${server.url}`,
    LEASE_MS: '8000',
  });
  workers.push(worker);
  return worker;
}

/** A verified task whose patch is not in the workspace. */
async function verified(): Promise<string> {
  house.seed(ADD_REPOSITORY);
  const payload = { ...addTask(house.workspace), apply: 'never' };
  const { task_id } = await house.client.submitTask(payload);
  expect(await house.ended(task_id, 120_000)).toMatchObject({
    verdict: { name: 'verified' },
    result: { apply: { state: 'not_applied' } },
  });
  return task_id;
}

async function agentctl(...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  const environment = { AGENTCTL_URL: house.url, AGENTCTL_API_KEY: 'test-key' };
  const { host, out, err } = createHost({ environment });
  return { code: await runAgentctl(argv, host), out: out(), err: err() };
}

const calculator = () => readFileSync(join(house.workspace, 'add/calculator.py'), 'utf8');

test('a result is looked at, checked, applied and taken back byte for byte', async () => {
  await workerThatHears(RIGHT_ANSWER);
  const taskId = await verified();
  const diff = await agentctl('diff', taskId);
  expect(diff).toMatchObject({ code: 0, out: expect.stringContaining('+    return a + b\n') });

  const explained = await agentctl('explain', taskId, '--json');
  expect(JSON.parse(explained.out)).toMatchObject({
    model: { model: expect.any(String), why: expect.any(String) },
    prompts: [{ step: 'code.1', files: ['calculator.py', 'test_calculator.py'] }],
  });

  expect(await agentctl('apply', taskId, '--check')).toMatchObject({ code: 0 });
  expect(calculator()).toBe(CALCULATOR);
  expect(await agentctl('revert', taskId)).toMatchObject({ code: 8 });

  expect(await agentctl('apply', taskId)).toMatchObject({ code: 0 });
  expect(calculator()).toBe('def add(a, b):\n    return a + b\n');
  expect(await house.client.getTask(taskId)).toMatchObject({
    status: 'succeeded',
    patch_request: null,
    result: { apply: { state: 'applied', paths: ['calculator.py'] } },
  });
  expect(await agentctl('apply', taskId)).toMatchObject({ code: 8 });

  const reverted = await agentctl('revert', taskId, '--json');
  expect(reverted.code).toBe(0);
  expect(JSON.parse(reverted.out)).toMatchObject({ outcome: 'reverted', paths: ['calculator.py'] });
  expect(calculator()).toBe(CALCULATOR);
  expect(await house.client.getTask(taskId)).toMatchObject({
    result: { apply: { state: 'reverted', paths: [] } },
  });
});

test('a file that was changed meanwhile is named and left alone', async () => {
  await workerThatHears(RIGHT_ANSWER);
  const taskId = await verified();
  writeFileSync(join(house.workspace, 'add/calculator.py'), '# mine\n');
  const check = await agentctl('apply', taskId, '--check', '--json');
  expect(check.code).toBe(3);
  expect(JSON.parse(check.out)).toMatchObject({ outcome: 'conflicted', paths: ['calculator.py'] });
  expect(await agentctl('apply', taskId)).toMatchObject({ code: 3 });
  expect(calculator()).toBe('# mine\n');
  expect(await house.client.getTask(taskId)).toMatchObject({
    result: { apply: { state: 'conflicted', paths: ['calculator.py'] } },
  });
});

test('a file that is changed while the task runs keeps that change, is named, and the rest stays out too', async () => {
  const answer = Promise.withResolvers<void>();
  const text = `${RIGHT_ANSWER}### FILE: extra.py\n\`\`\`python\nx = 1\n\`\`\`\n`;
  const server = await startScriptedModelServer({ answers: [{ text, after: answer.promise }] });
  servers.push(server);
  workers.push(house.startWorker({ MODEL_SERVERS: `scripted=${server.url}`, LEASE_MS: '8000' }));
  house.seed(ADD_REPOSITORY);
  const { task_id: taskId } = await house.client.submitTask(addTask(house.workspace));
  await whenSeen(house.client, taskId, isStepStart('code.1'));
  writeFileSync(join(house.workspace, 'add/calculator.py'), '# mine\n');
  answer.resolve();
  expect(await house.ended(taskId, 120_000)).toMatchObject({
    status: 'succeeded',
    verdict: { name: 'verified' },
    result: {
      apply: {
        state: 'conflicted',
        why: 'files changed in the workspace meanwhile',
        paths: ['calculator.py'],
      },
    },
  });
  expect(calculator()).toBe('# mine\n');
  expect(existsSync(join(house.workspace, 'add/extra.py'))).toBe(false);
  const shown = await agentctl('status', taskId);
  expect(shown.out).toMatch(/not written: .*\n +calculator\.py: not as the task found it\n/);
});

test('an apply asked for while no worker is there is done by the next one', async () => {
  const worker = await workerThatHears(RIGHT_ANSWER);
  const taskId = await verified();
  await worker.kill('SIGTERM');
  const waited = await agentctl('apply', taskId, '--timeout', '1');
  expect(waited).toMatchObject({ code: 124 });
  expect(calculator()).toBe(CALCULATOR);
  await workerThatHears(RIGHT_ANSWER);
  await vi.waitFor(() => expect(calculator()).toContain('return a + b'), { timeout: 60_000 });
});

test('kill -9 in the middle of an apply leaves nothing half done, and the next worker finishes it', async () => {
  const names = Array.from({ length: 400 }, (_, at) => `made/file_${at}.py`);
  const files = names.map((name) => `### FILE: ${name}\n\`\`\`python\nx = 1\n\`\`\`\n`);
  const worker = await workerThatHears(RIGHT_ANSWER + files.join('\n'));
  const taskId = await verified();
  const made = () => {
    const folder = join(house.workspace, 'add/made');
    return existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.py')) : [];
  };

  const applies = join(house.home, 'applies');
  mkdirSync(applies, { recursive: true });
  const isBegun = /^apply-[0-9a-f]{32}\.json$/;
  const watcher = watch(applies, (_event, name) => {
    if (isBegun.test(name ?? '')) worker.child.kill('SIGKILL');
  });
  await house.client.applyTask(taskId);
  await once(worker.child, 'exit');
  watcher.close();
  expect(made().length).toBeLessThan(names.length);
  expect(readdirSync(applies).filter((name) => isBegun.test(name))).toHaveLength(1);

  await workerThatHears(RIGHT_ANSWER);
  await vi.waitFor(
    async () => expect(await house.client.getTask(taskId)).toMatchObject({ patch_request: null }),
    { timeout: 60_000, interval: 100 },
  );
  expect(made()).toHaveLength(names.length);
  expect(calculator()).toContain('return a + b');
  expect(await agentctl('revert', taskId)).toMatchObject({ code: 0 });
  expect(existsSync(join(house.workspace, 'add/made'))).toBe(false);
  expect(calculator()).toBe(CALCULATOR);
});
