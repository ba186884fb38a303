import { afterAll, beforeAll, expect, test } from 'vitest';
import { aStep, openTestStore, type TestStore, typesOf } from '../../support/testStore.ts';

let room: TestStore;
beforeAll(async () => {
  room = await openTestStore();
});
afterAll(() => room.close());

const patch = {
  base_tree_hash: 'base',
  tree_hash: 'tree',
  changes: [{ path: 'a.py', before: null, after: 'cGFzcw==', mode: 420 }],
};

test('a recorded step comes back as it was, with its events in the log', async () => {
  const claim = await room.claimed();
  const output = { text: 'nul \u0000 and \ud800', list: [1, null], z: 1, a: 2 };
  expect(await room.store.recordStep(aStep(claim, { output, patch }))).toBe('recorded');
  const [step] = await room.store.loadSteps(claim.taskId);
  expect(step).toEqual({
    key: 'code.1',
    inputHash: 'input-1',
    attempt: 1,
    ok: true,
    output,
    patch,
    tokens: 7,
    ms: 11,
    ordinal: 1,
  });
  expect(typesOf(await room.events(claim.taskId)).at(-1)).toBe('step.finished');
});

test('steps come in the order of their recording, and one of the same key takes the place of the stale one', async () => {
  const claim = await room.claimed();
  for (const key of ['baseline', 'code.1', 'smoke.1']) {
    await room.store.recordStep(aStep(claim, { key }));
  }
  await room.store.recordStep(aStep(claim, { key: 'code.1', inputHash: 'input-2' }));
  const steps = await room.store.loadSteps(claim.taskId);
  expect(steps.map(({ key, inputHash }) => [key, inputHash])).toEqual([
    ['baseline', 'input-1'],
    ['smoke.1', 'input-1'],
    ['code.1', 'input-2'],
  ]);
});

test('dropping from an ordinal on forgets that step and what came after it', async () => {
  const claim = await room.claimed();
  for (const key of ['baseline', 'code.1', 'smoke.1']) {
    await room.store.recordStep(aStep(claim, { key }));
  }
  const second = (await room.store.loadSteps(claim.taskId))[1];
  expect(await room.store.dropStepsFrom({ ...claim, ordinal: second?.ordinal ?? 0 })).toBe(
    'dropped',
  );
  expect((await room.store.loadSteps(claim.taskId)).map(({ key }) => key)).toEqual(['baseline']);
});

test('steps recorded at once by one run are all kept', async () => {
  const claim = await room.claimed();
  const keys = Array.from({ length: 12 }, (_, at) => `tool.${at}`);
  await Promise.all(keys.map((key) => room.store.recordStep(aStep(claim, { key }))));
  const steps = await room.store.loadSteps(claim.taskId);
  expect(steps.map(({ key }) => key).toSorted()).toEqual(keys.toSorted());
  expect(new Set(steps.map(({ ordinal }) => ordinal)).size).toBe(12);
});

test('the view shows the journal without its outputs', async () => {
  const claim = await room.claimed();
  await room.store.recordStep(aStep(claim));
  const view = await room.store.loadView(claim.taskId);
  expect(view?.steps).toEqual([
    { key: 'code.1', attempt: 1, ms: 11, tokens: 7, finished_at: expect.stringMatching(/Z$/) },
  ]);
});
