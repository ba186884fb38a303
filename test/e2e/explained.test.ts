import { afterAll, beforeAll, expect, test } from 'vitest';
import { runAgentctl } from '../../scripts/agentctl/agentctl.ts';
import { createHost } from '../support/agentctlHost.ts';
import { type House, openHouse } from '../support/house.ts';
import { ROLE_ANSWERS, roleOf, rolesRepository, rolesTask } from '../support/rolesTask.ts';
import {
  type ScriptedModelServer,
  startScriptedModelServer,
} from '../support/scriptedModelServer.ts';

let house: House;
let server: ScriptedModelServer;
beforeAll(async () => {
  house = await openHouse();
  let calls = 0;
  server = await startScriptedModelServer({
    answers: (request) => {
      calls += 1;
      const role = roleOf(request);
      const text = ROLE_ANSWERS[role];
      if (role === 'code' && calls === 2) return text.replace('return a - b', 'return a - b)');
      return text;
    },
  });
});
afterAll(async () => {
  await house.close();
  await server.close();
});

async function agentctl(...argv: string[]): Promise<{ code: number; out: string }> {
  const environment = { AGENTCTL_URL: house.url, AGENTCTL_API_KEY: 'test-key' };
  const { host, out, err } = createHost({ environment });
  const code = await runAgentctl(argv, host);
  return { code, out: out() + err() };
}

/** One task in which every role has its turn and one answer does not compile. */
async function endedTask(): Promise<string> {
  house.startWorker({ MODEL_SERVERS: `scripted=${server.url}` });
  house.seed(rolesRepository('explained'));
  const { task_id: id } = await house.client.submitTask(rolesTask(house.workspace, 'explained'));
  await house.ended(id);
  return id;
}

test('who worked with what, what it cost and what came of it can be read without the log', async () => {
  const id = await endedTask();
  const asked = server.requests.map(({ body }) => body.messages?.[1]?.content ?? '');
  expect(asked).toHaveLength(5);
  for (const question of asked) {
    expect(question).toContain('Style: plain');
    expect(question).toContain('Frameworks: unittest');
  }

  const watched = (await agentctl('watch', id)).out;
  expect(labelsOf(watched)).toEqual(
    [
      ...['submitted', 'claimed', 'model', 'before'],
      ...['planner', 'reads', 'plan', 'done'],
      ...['coder', 'reads', 'modified', 'created', 'created', 'created', 'done', 'oracle'],
      ...['repair', 'reads', 'modified', 'done', 'oracle', 'oracle'],
      ...['tester', 'reads', 'created', 'done', 'oracle', 'oracle', 'before'],
      ...['reviewer', 'reads', 'review', 'done'],
    ].join(' '),
  );
  expect(watched).toContain("            calculator.py:6: unmatched ')'");

  const explained = (await agentctl('explain', id)).out;
  expect(explained).toMatch(/^read +code\.1: 2 files shown, about \d+ tokens · coder\/2$/m);
  expect(explained).toMatch(
    /^read +code\.2: .* · coder\/2 \+ repair\/2\n +those of code\.1, and$/m,
  );
  expect(explained).toMatch(/^workspace +not applied: the verdict is partially_verified/m);
  expect(explained).toMatch(/^used +5 model calls: 55 tokens read, 35 tokens written/m);
  expect(explained).toMatch(/^compile\.1 +1 +failed .* calculator\.py:6: unmatched/m);
  expect(explained).toMatch(/^generated +1 +done .* the new tests fail without the change/m);
  expect(explained).toMatch(/^review +1 +done .* approve/m);

  const told = JSON.parse((await agentctl('explain', id, '--json')).out);
  expect(told.prompts.map(({ prompts }: { prompts: string[] }) => prompts)).toEqual([
    ['planner/1'],
    ['coder/2'],
    ['coder/2', 'repair/2'],
    ['tester/1'],
    ['reviewer/1'],
  ]);
});

/** The first words of the lines before the report of the end. */
function labelsOf(watched: string): string {
  const lines = watched.slice(0, watched.indexOf('PARTIALLY VERIFIED')).split('\n');
  return lines.flatMap((line) => /^(\S+)/.exec(line)?.[1] ?? []).join(' ');
}
