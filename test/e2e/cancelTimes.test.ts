import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { type House, openHouse, type WorkerProcess } from '../support/house.ts';
import { leftProcesses } from '../support/leftProcesses.ts';
import {
  ROLE_ANSWERS,
  type Role,
  roleOf,
  rolesRepository,
  rolesTask,
} from '../support/rolesTask.ts';
import {
  type ScriptedModelServer,
  startScriptedModelServer,
} from '../support/scriptedModelServer.ts';
import { eventsOf, expectOneEnd, isStepStart, whenSeen } from '../support/watchTask.ts';

let house: House;
let server: ScriptedModelServer | undefined;
const workers: WorkerProcess[] = [];
const measured: string[] = [];
beforeAll(async () => {
  house = await openHouse();
});
afterEach(async () => {
  for (const worker of workers.splice(0)) await worker.kill('SIGTERM');
  await server?.close();
});
afterAll(async () => {
  process.stdout.write(`cancel, until nothing of the task is left:\n${measured.join('\n')}\n`);
  await house.close();
});

const never = new Promise<void>(() => undefined);
const SLEEP = 'time.sleep(987654)';

/** What makes a step last: the model that does not answer, or a tool that has long to do. */
interface Scene {
  step: string;
  waitsFor?: Role;
  files?: Record<string, string>;
}

const TEST = rolesRepository('x')['x/test_calculator.py'] ?? '';
const SCENES: Scene[] = [
  { step: 'baseline', files: { 'test_calculator.py': `${TEST}\n        ${SLEEP}\n` } },
  { step: 'plan', waitsFor: 'plan' },
  { step: 'code.1', waitsFor: 'code' },
  {
    step: 'compile.1',
    files: { 'large.py': 'def f(a, b):\n    return [a.x(b, 1), b.y(a, 2)]\n'.repeat(60_000) },
  },
  {
    step: 'smoke.1',
    files: {
      'test_calculator.py': `${TEST}        if hasattr(calculator, 'subtract'): ${SLEEP}\n`,
    },
  },
  { step: 'tests.1', waitsFor: 'tests' },
  { step: 'review', waitsFor: 'review' },
];

async function submit({ step, files = {} }: Scene): Promise<string> {
  const folder = `cancel-${step}`;
  const own = Object.entries(files).map(([path, content]) => [`${folder}/${path}`, content]);
  house.seed({ ...rolesRepository(folder), ...Object.fromEntries(own) });
  return (await house.client.submitTask(rolesTask(house.workspace, folder))).task_id;
}

test.each(SCENES)(
  'a cancel in step $step leaves no process and no open question of the task',
  async (scene) => {
    const { step, waitsFor } = scene;
    const model = await startScriptedModelServer({
      answers: (request) => {
        const text = ROLE_ANSWERS[roleOf(request)];
        return roleOf(request) === waitsFor ? { text, after: never } : text;
      },
    });
    server = model;
    workers.push(house.startWorker({ MODEL_SERVERS: `scripted=${model.url}` }));
    const taskId = await submit(scene);
    await whenSeen(house.client, taskId, isStepStart(step));
    // Whatever runs for a task has the task's folder mounted, or named; a question is open at the model's server.
    const waiting = () => model.requests.filter((one) => !one.aborted && roleOf(one) === waitsFor);
    const left = () => [...leftProcesses(taskId), ...waiting().map(() => 'question')];
    await vi.waitFor(() => expect(left()).not.toEqual([]), { timeout: 30_000, interval: 5 });

    const asked = performance.now();
    await house.client.cancelTask(taskId);
    await vi.waitFor(() => expect(left()).toEqual([]), { timeout: 30_000, interval: 5 });
    const gone = performance.now() - asked;
    expect((await house.ended(taskId)).status).toBe('cancelled');
    const told = performance.now() - asked;
    measured.push(
      `  ${step.padEnd(10)} ${gone.toFixed(0)} ms, told as cancelled after ${told.toFixed(0)} ms`,
    );
    expect(gone).toBeLessThan(10_000);
    expect(left()).toEqual([]);
    expectOneEnd(await eventsOf(house.client, taskId));
  },
);
