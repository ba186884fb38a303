import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type House, openHouse } from '../support/house.ts';
import { ADD_REPOSITORY, addTask, RIGHT_ANSWER } from '../support/pythonTask.ts';
import {
  type ScriptedModelServer,
  startScriptedModelServer,
} from '../support/scriptedModelServer.ts';
import { eventsOf, expectOneEnd, stepsThat } from '../support/watchTask.ts';

let house: House;
let server: ScriptedModelServer;
beforeAll(async () => {
  house = await openHouse({ LEASE_MS: '8000' });
  server = await startScriptedModelServer({ answers: [RIGHT_ANSWER] });
});
afterAll(async () => {
  await house.close();
  await server.close();
});

/** 40 folders of 150 files beside those that the task is about. */
function seedLarge(): number {
  house.seed(ADD_REPOSITORY);
  let files = Object.keys(ADD_REPOSITORY).length;
  for (let folder = 0; folder < 40; folder++) {
    const at = join(house.workspace, `add/area_${folder}`);
    mkdirSync(at);
    for (let file = 0; file < 150; file++) {
      writeFileSync(join(at, `part_${file}.txt`), `area ${folder}, part ${file}\n`);
      files += 1;
    }
  }
  return files;
}

test('a task on a repository of 6,000 files ends under one lease, and its prompt stays within the context', async () => {
  expect(seedLarge()).toBe(6_002);
  house.startWorker({ MODEL_SERVERS: `scripted=${server.url}` });
  const { task_id: taskId } = await house.client.submitTask(addTask(house.workspace));
  const task = await house.ended(taskId, 170_000);
  const events = await eventsOf(house.client, taskId);
  expectOneEnd(events);
  expect(task).toMatchObject({ attempt: 1, verdict: { name: 'verified' } });
  expect(stepsThat(events, 'replayed')).toEqual([]);
  const asked = server.requests[0]?.body.messages?.[1]?.content ?? '';
  expect(asked).toContain('### FILE: calculator.py');
  expect(asked).toContain('### FILE: test_calculator.py');
  expect(asked.length).toBeLessThan(130_000);
});
