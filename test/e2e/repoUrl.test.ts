import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type GitServer, git, lacksForGit, startGitServer } from '../support/gitServer.ts';
import { commit } from '../support/gitShop.ts';
import { type House, openHouse } from '../support/house.ts';
import { ADD_REPOSITORY, addTask, RIGHT_ANSWER } from '../support/pythonTask.ts';
import {
  type ScriptedModelServer,
  startScriptedModelServer,
} from '../support/scriptedModelServer.ts';
import { eventsOf } from '../support/watchTask.ts';

const lacks = lacksForGit();
let server: GitServer;
let house: House;
let model: ScriptedModelServer;
let head: string;

beforeAll(async () => {
  if (lacks !== undefined) return;
  server = await startGitServer(({ url }) => url?.startsWith('/away.git') === true);
  head = publish(server.folder);
  house = await openHouse({ REPO_HOSTS: server.host, REPO_CA_FILE: server.caFile });
  model = await startScriptedModelServer({ answers: [RIGHT_ANSWER] });
  house.startWorker({ MODEL_SERVERS: `scripted=${model.url}` });
});
afterAll(async () => {
  await house?.close();
  await model?.close();
  await server?.close();
});
beforeEach((context) => {
  if (lacks !== undefined) context.skip(lacks);
});

function publish(folder: string): string {
  const shop = join(folder, 'work');
  for (const [path, text] of Object.entries(ADD_REPOSITORY)) {
    const file = join(shop, path.replace('add/', ''));
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  git(shop, 'init', '--quiet');
  const made = commit(shop, 'first');
  git(folder, 'clone', '--quiet', '--bare', shop, join(folder, 'add.git'));
  return made;
}

function taskOf(repo: object) {
  const task = addTask('/nowhere');
  return { ...task, input: { ...task.input, repo } };
}

test('code behind a URL is worked on like any other, and its result is a patch', async () => {
  const url = server.urlOf('add');
  const { task_id: taskId } = await house.client.submitTask(taskOf({ url, ref: 'main' }));
  const task = await house.ended(taskId);
  expect(task).toMatchObject({ status: 'succeeded', verdict: { name: 'verified' } });
  expect(task.result?.apply).toMatchObject({
    state: 'not_applied',
    why: expect.stringContaining('agentctl diff'),
  });
  const events = await eventsOf(house.client, taskId);
  expect(events.find(({ type }) => type === 'repo.fetched')?.data).toEqual({
    ...{ url, ref: 'main', commit: head },
  });
  expect(await house.client.diffTask(taskId)).toContain('+    return a + b');
  await expect(house.client.applyTask(taskId)).rejects.toMatchObject({
    problem: { code: 'no_workspace' },
  });
});

test('a state that is not there ends the task, saying so', async () => {
  const url = server.urlOf('add');
  const { task_id: taskId } = await house.client.submitTask(taskOf({ url, ref: 'nowhere' }));
  expect(await house.ended(taskId)).toMatchObject({
    status: 'failed',
    failure: { code: 'input_missing', message: `${url} has no nowhere` },
  });
});

test('a server that does not answer costs no more than the time of the task', async () => {
  const url = server.urlOf('away');
  const task = taskOf({ url });
  const input = { ...task.input, constraints: { latency_ms: 2_000 } };
  const { task_id: taskId } = await house.client.submitTask({ ...task, input });
  expect(await house.ended(taskId)).toMatchObject({
    status: 'failed',
    failure: { code: 'budget_exhausted' },
  });
});

test('a host that is not allowed is refused before anything is accepted', async () => {
  const url = 'https://127.0.0.1:1/add.git';
  await expect(house.client.submitTask(taskOf({ url }))).rejects.toMatchObject({
    problem: { status: 422, code: 'repo_host_not_allowed' },
  });
});
