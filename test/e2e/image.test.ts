import { spawnSync } from 'node:child_process';
import { chmodSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type House, openHouse } from '../support/house.ts';
import { ADD_REPOSITORY, addTask, RIGHT_ANSWER, WRONG_ANSWER } from '../support/pythonTask.ts';
import {
  type ScriptedModelServer,
  startScriptedModelServer,
} from '../support/scriptedModelServer.ts';

/** As the Dockerfile's first line builds it. */
const IMAGE = 'multi-agent-code-worker:0.1.0';
const MISSING = `no container engine with the image ${IMAGE}: docker build -f functions/worker/Dockerfile -t ${IMAGE} .`;

let house: House;
let model: ScriptedModelServer;
let container: string | undefined;

const hasImage = docker('image', 'inspect', IMAGE).ok;

beforeAll(async () => {
  if (!hasImage) return;
  house = await openHouse();
  model = await startScriptedModelServer({ answers: [WRONG_ANSWER, RIGHT_ANSWER] });
});

afterAll(async () => {
  if (!hasImage) return;
  if (container !== undefined) docker('rm', '--force', '--volumes', container);
  await model.close();
  await house.close();
});

function docker(...args: string[]): { ok: boolean; output: string } {
  const { status, stdout, stderr } = spawnSync('docker', args, { encoding: 'utf8' });
  return { ok: status === 0, output: `${stdout ?? ''}${stderr ?? ''}`.trim() };
}

/** Isolation needs what the default profiles of a container forbid; neither root nor a capability. */
function startWorker(): string {
  const given = Object.entries({
    ...house.workerEnvironment,
    MODEL_SERVERS: `scripted=${model.url}`,
    AGENT_HOME: '/var/lib/agent',
  }).flatMap(([name, value]) => ['--env', `${name}=${value}`]);
  const rights = ['seccomp=unconfined', 'systempaths=unconfined', 'apparmor=unconfined'];
  const run = docker(
    ...['run', '--detach', '--network', 'host', '--cap-drop', 'ALL', ...given],
    ...rights.flatMap((right) => ['--security-opt', right]),
    ...['--volume', `${house.workspace}:${house.workspace}`, IMAGE],
  );
  if (!run.ok) throw new Error(run.output);
  return run.output;
}

test('the image runs a task to its verdict, isolated, as an ordinary user', async (context) => {
  if (!hasImage) context.skip(MISSING);
  house.seed(ADD_REPOSITORY);
  // The image's user is nobody of this machine.
  for (const folder of ['.', 'add']) chmodSync(join(house.workspace, folder), 0o777);
  container = startWorker();
  const { task_id: taskId } = await house.client.submitTask(addTask(house.workspace));
  const task = await house.ended(taskId, 120_000);
  const logs = docker('logs', container).output;
  expect(task, logs).toMatchObject({ status: 'succeeded', verdict: { name: 'verified' } });
  expect(task.result).toMatchObject({ apply: { state: 'applied' } });
  expect(readFileSync(join(house.workspace, 'add/calculator.py'), 'utf8')).toContain('a + b');
  expect(docker('exec', container, 'id', '--user').output).toBe('10001');
  // Drained within what ECS leaves it.
  expect(docker('stop', '--time', '60', container).ok).toBe(true);
  expect(docker('inspect', '--format', '{{.State.ExitCode}}', container).output).toBe('0');
});
