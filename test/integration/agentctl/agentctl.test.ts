import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runAgentctl } from '../../../scripts/agentctl/agentctl.ts';
import { createHost } from '../../support/agentctlHost.ts';
import { type House, openHouse } from '../../support/house.ts';

/** No worker runs: tasks stay queued, so that every command meets a known state. */
let house: House;
let folder: string;
let payloadFile: string;

beforeAll(async () => {
  house = await openHouse({ LOG_LEVEL: 'error' });
  folder = mkdtempSync(join(tmpdir(), 'agentctl-'));
  mkdirSync(join(house.workspace, 'shop'));
  payloadFile = join(folder, 'payload.json');
  const repo = { path: join(house.workspace, 'shop') };
  const input = { language: 'python', repo, goal: 'Round prices half to even' };
  writeFileSync(payloadFile, JSON.stringify({ type: 'CODE', input }));
});

afterAll(async () => {
  await house.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Ran {
  exit: number;
  out: string;
  err: string;
}

interface RunOptions {
  key?: string;
  interrupted?: AbortSignal;
  /** Called with everything that stdout has got so far. */
  onOut?: (out: string) => void;
}

async function agentctl(argv: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const environment = { AGENTCTL_URL: house.url, AGENTCTL_API_KEY: options.key ?? 'test-key' };
  const recorded = createHost({
    environment,
    directory: folder,
    ...options,
  });
  const exit = await runAgentctl(argv, recorded.host);
  return { exit, out: recorded.out(), err: recorded.err() };
}

async function submitted(): Promise<string> {
  const { exit, out, err } = await agentctl(['submit', payloadFile]);
  expect({ exit, err }).toMatchObject({ exit: 0 });
  return out.trim();
}

describe('submit', () => {
  it('prints the task id alone on stdout, and key and next command on stderr', async () => {
    const { exit, out, err } = await agentctl(['submit', payloadFile]);
    expect(exit).toBe(0);
    expect(out).toMatch(/^[0-9a-f]{8}-[0-9a-f-]{27}\n$/);
    expect(err).toMatch(/^idempotency key {2}[0-9a-f-]{36}$/m);
    expect(err).toContain(`next: agentctl watch ${out.trim()}`);
  });

  it('with the same key twice makes one task', async () => {
    const argv = ['submit', payloadFile, '--idempotency-key', 'k-1', '--json'];
    const first = JSON.parse((await agentctl(argv)).out);
    const second = JSON.parse((await agentctl(argv)).out);
    expect(first).toMatchObject({ replayed: false, idempotency_key: 'k-1' });
    expect(second).toMatchObject({ replayed: true, task_id: first.task_id });
  });

  it('with the same key and another payload is refused with 8', async () => {
    const argv = ['submit', payloadFile, '--idempotency-key', 'k-2'];
    expect((await agentctl(argv)).exit).toBe(0);
    const { exit, err } = await agentctl([...argv, '--goal', 'Another one']);
    expect(exit).toBe(8);
    expect(err).toMatch(/error: .+\n {2}why: 422 /);
  });

  it('as a dry run shows the payload with its defaults and makes no task', async () => {
    const before = (await house.client.listTasks()).data.length;
    const { exit, out } = await agentctl(['submit', payloadFile, '--dry-run', '--json']);
    expect(exit).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ apply: 'verified', oracle: { smoke: true } });
    expect((await house.client.listTasks()).data).toHaveLength(before);
  });

  it('of a payload with flaws ends with 8 and names every one of them', async () => {
    const file = join(folder, 'bad.json');
    writeFileSync(file, '{"type":"CODE","input":{"language":"cobol"},"extra":1}');
    const { exit, err } = await agentctl(['submit', file]);
    expect(exit).toBe(8);
    expect(err).toMatch(/why: \/input\/language: /);
    expect(err).toMatch(/extra/);
  });

  it('with a key that is refused ends with 4 and says where the key is set', async () => {
    const { exit, err } = await agentctl(['submit', payloadFile], { key: 'wrong' });
    expect(exit).toBe(4);
    expect(err).toMatch(/next: export AGENTCTL_API_KEY/);
  });

  it('with --wait and a timeout leaves with 124, and the task goes on', async () => {
    const { exit, out, err } = await agentctl(['submit', payloadFile, '--timeout', '0.5s']);
    expect(exit).toBe(124);
    const taskId = out.trim();
    expect(err).toContain(
      `the time is up; the task goes on\n  next: agentctl watch ${taskId} --after 1`,
    );
    expect((await house.client.getTask(taskId)).status).toBe('queued');
  });
});

describe('watch', () => {
  it('is left by Ctrl-C with 130, and the task goes on', async () => {
    const taskId = await submitted();
    const interruption = new AbortController();
    const { exit, out, err } = await agentctl(['watch', taskId], {
      interrupted: interruption.signal,
      onOut: () => interruption.abort(),
    });
    expect(exit).toBe(130);
    expect(out).toBe('submitted   python: Round prices half to even\n');
    expect(err).toContain(`detached; the task goes on\n  next: agentctl watch ${taskId} --after 1`);
    expect((await house.client.getTask(taskId)).status).toBe('queued');
  });

  it('of a task that has ended replays every event and ends with its outcome', async () => {
    const taskId = await submitted();
    await agentctl(['cancel', taskId]);
    const { exit, out } = await agentctl(['watch', taskId, '--json']);
    expect(exit).toBe(3);
    const lines = out
      .trimEnd()
      .split('\n')
      .map((text) => JSON.parse(text));
    expect(lines.map(({ type, seq }) => [type, seq])).toEqual([
      ['task.submitted', 1],
      ['task.finished', 2],
      ['result', undefined],
    ]);
    expect(lines[2].task).toMatchObject({ task_id: taskId, status: 'cancelled' });
  });

  it('goes on after the last event that was seen', async () => {
    const taskId = await submitted();
    await agentctl(['cancel', taskId]);
    const { out } = await agentctl(['watch', taskId, '--after', '1', '--json']);
    const types = out
      .trimEnd()
      .split('\n')
      .map((text) => JSON.parse(text).type);
    expect(types).toEqual(['task.finished', 'result']);
  });
});

describe('the other commands', () => {
  it('list shows the newest first, filtered, as a table or as JSON', async () => {
    const taskId = await submitted();
    const { out } = await agentctl(['list', '--status', 'queued', '--limit', '1']);
    expect(out).toMatch(/^TASK +STATUS +VERDICT +LANGUAGE +AGE +GOAL\n/);
    expect(out.split('\n')[1]).toMatch(new RegExp(`^${taskId} +queued +- +python +.*Round prices`));
    const json = await agentctl(['list', '--limit', '1', '--json']);
    expect(JSON.parse(json.out)).toMatchObject({ data: [{ task_id: taskId }], has_more: true });
  });

  it('status shows a waiting task and how to watch it', async () => {
    const taskId = await submitted();
    const { exit, out } = await agentctl(['status', taskId]);
    expect(exit).toBe(0);
    expect(out).toMatch(/^QUEUED {6}Round prices half to even/);
    expect(out).toContain(`agentctl watch ${taskId}`);
  });

  it('a task that does not exist ends with 5', async () => {
    const nobody = '01978f3e-1111-7abc-8def-0123456789ab';
    for (const command of ['status', 'watch', 'cancel', 'resume']) {
      const { exit, err } = await agentctl([command, nobody]);
      expect({ command, exit }).toEqual({ command, exit: 5 });
      expect(err).toMatch(/^ {2}next: \S/m);
    }
  });

  it('cancel and resume move the task, and a resume of a waiting task is refused with 8', async () => {
    const taskId = await submitted();
    expect(await agentctl(['cancel', taskId])).toMatchObject({ exit: 0, out: 'cancelled\n' });
    expect(await agentctl(['resume', taskId])).toMatchObject({ exit: 0, out: 'queued\n' });
    expect(await agentctl(['resume', taskId])).toMatchObject({ exit: 8 });
  });

  it('feedback is stored from flags and from a file', async () => {
    const taskId = await submitted();
    const flags = await agentctl([
      'feedback',
      taskId,
      '--reject',
      '--rating',
      '2',
      '--comment',
      'no',
    ]);
    expect(flags).toMatchObject({ exit: 0, out: expect.stringMatching(/^\S+\n$/) });
    const file = join(folder, 'feedback.json');
    writeFileSync(file, JSON.stringify({ task_id: taskId, outcome: 'accepted' }));
    expect(await agentctl(['feedback', file])).toMatchObject({ exit: 0 });
  });

  it('models says that no worker is alive', async () => {
    const { exit, err } = await agentctl(['models']);
    expect(exit).toBe(0);
    expect(err).toContain('no worker is alive\n  next: agentctl doctor\n');
  });
});
