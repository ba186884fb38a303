import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type House, openHouse, type WorkerProcess } from '../support/house.ts';
import {
  ROLE_ANSWERS,
  ROLES,
  type Role,
  roleOf,
  rolesRepository,
  rolesTask,
} from '../support/rolesTask.ts';
import {
  type ScriptedModelServer,
  startScriptedModelServer,
} from '../support/scriptedModelServer.ts';
import { eventsOf, expectOneEnd, isStepStart, stepsThat, whenSeen } from '../support/watchTask.ts';

let house: House;
let server: ScriptedModelServer | undefined;
const workers: WorkerProcess[] = [];
beforeAll(async () => {
  house = await openHouse();
});
afterEach(async () => {
  for (const worker of workers.splice(0)) await worker.kill('SIGTERM');
  await server?.close();
});
afterAll(() => house.close());

const never = new Promise<void>(() => undefined);

/** A model that answers every role, but for one that it leaves waiting until it is told to go on. */
async function modelThatHangs(role: Role | undefined) {
  let hanging = role;
  const answers: Record<Role, string> = {
    ...ROLE_ANSWERS,
    // Long enough to be killed in.
    tests: ROLE_ANSWERS.tests.replace('self.assert', '__import__("time").sleep(1.5); self.assert'),
  };
  const model = await startScriptedModelServer({
    answers: (request) => {
      const text = answers[roleOf(request)];
      return roleOf(request) === hanging ? { text, after: never } : text;
    },
  });
  server = model;
  return {
    model,
    goOn: () => {
      hanging = undefined;
    },
    /** How many questions of a role were answered to their end. */
    finished: (asked: Role) =>
      model.requests.filter((request) => !request.aborted && roleOf(request) === asked).length,
  };
}

function startWorker({ url }: ScriptedModelServer, env: Record<string, string> = {}) {
  const worker = house.startWorker({ MODEL_SERVERS: `scripted=${url}`, ...env });
  workers.push(worker);
  return worker;
}

async function submit(folder: string): Promise<string> {
  house.seed(rolesRepository(folder));
  return (await house.client.submitTask(rolesTask(house.workspace, folder))).task_id;
}

test.each([
  ['plan', 'plan', ['route', 'baseline']],
  ['code.1', 'code', ['plan']],
  ['compile.1', undefined, ['plan', 'code.1']],
  ['tests.1', 'tests', ['plan', 'code.1', 'compile.1', 'smoke.1']],
  ['smoke.tests', undefined, ['plan', 'code.1', 'tests.1', 'compile.tests']],
  ['generated', undefined, ['plan', 'code.1', 'tests.1', 'smoke.tests']],
  ['review', 'review', ['plan', 'code.1', 'tests.1', 'generated']],
] as const)(
  'killed in step %s, no finished answer is asked for again, whoever gave it',
  async (step, hanging, replayed) => {
    const { model, goOn, finished } = await modelThatHangs(hanging);
    const first = startWorker(model);
    const taskId = await submit(`killed-${step}`);
    await whenSeen(house.client, taskId, isStepStart(step));
    await first.kill('SIGKILL');
    goOn();
    startWorker(model);
    expect(await house.ended(taskId, 120_000)).toMatchObject({
      attempt: 2,
      verdict: { name: 'partially_verified' },
      result: { proof: { tests: 'generated' }, usage: { model_calls: expect.any(Number) } },
    });
    const events = await eventsOf(house.client, taskId);
    expectOneEnd(events);
    expect(stepsThat(events, 'replayed')).toEqual(expect.arrayContaining([...replayed]));
    // Steps of a tool are over so soon that the kill may come after them.
    const cut = hanging === undefined ? [] : [step];
    expect(stepsThat(events, 'replayed').filter((key) => key === cut[0])).toEqual([]);
    expect(Object.fromEntries(ROLES.map((role) => [role, finished(role)]))).toEqual({
      plan: 1,
      code: 1,
      tests: 1,
      review: 1,
    });
  },
);

/** A worker on another machine: it shares database, queue and workspace, and nothing of the first one's private folders. */
function startElsewhere(model: ScriptedModelServer, name: string): WorkerProcess {
  const home = join(house.workspace, '..', name);
  mkdirSync(home);
  symlinkSync(join(house.home, 'tools'), join(home, 'tools'));
  return startWorker(model, { AGENT_HOME: home });
}

test('a worker with another AGENT_HOME rebuilds the tree from the journal and goes on', async () => {
  const { model, goOn, finished } = await modelThatHangs('tests');
  const first = startWorker(model);
  const taskId = await submit('elsewhere');
  await whenSeen(house.client, taskId, isStepStart('tests.1'));
  await first.kill('SIGKILL');
  goOn();
  startElsewhere(model, 'home-2');
  const task = await house.ended(taskId, 120_000);
  expect(task).toMatchObject({ attempt: 2, verdict: { name: 'partially_verified' } });
  expect(task.result?.files.map(({ path }) => path)).toEqual([
    'calculator.py',
    'one.py',
    'test_subtract.py',
    'three.py',
    'two.py',
  ]);
  expect(finished('plan') + finished('code')).toBe(2);
  expect(stepsThat(await eventsOf(house.client, taskId), 'replayed')).toContain('smoke.1');
});

test('a worker elsewhere that finds another tree begins anew: what was answered was said of the old one', async () => {
  const { model, goOn, finished } = await modelThatHangs('tests');
  const first = startWorker(model);
  const taskId = await submit('changed');
  await whenSeen(house.client, taskId, isStepStart('tests.1'));
  await first.kill('SIGKILL');
  writeFileSync(join(house.workspace, 'changed/notes.py'), 'y = 1\n');
  goOn();
  startElsewhere(model, 'home-3');
  expect(await house.ended(taskId, 120_000)).toMatchObject({
    verdict: { name: 'partially_verified' },
  });
  expect(finished('code')).toBe(2);
  expect(stepsThat(await eventsOf(house.client, taskId), 'replayed')).not.toContain('code.1');
});
