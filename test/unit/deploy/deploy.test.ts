import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { deploy } from '../../../scripts/deploy/deploy.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'deploy-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const args = ['--stage', 'prod', '--param', 'concurrency=shared', '--force'];

/** What was asked of serverless, which packages `resources`; the command `failing` fails. */
async function deployed(resources: unknown, failing?: string) {
  const asked: string[][] = [];
  const serverless = async (command: string[]) => {
    asked.push(command);
    if (command[0] === failing) throw new Error(`${failing} failed`);
    if (command[0] !== 'package') return;
    const file = join(folder, 'cloudformation-template-update-stack.json');
    writeFileSync(file, JSON.stringify({ Resources: resources }));
  };
  const outcome = await deploy({ args, folder, serverless, log: () => undefined }).catch(String);
  return { asked, outcome };
}

const GOOD = { Queue: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'q' } } };

test('what was packaged is deployed, and then the database is migrated', async () => {
  const { asked, outcome } = await deployed(GOOD);
  expect(outcome).toBeUndefined();
  const common = ['--stage', 'prod', '--param', 'concurrency=shared'];
  expect(asked).toEqual([
    ['package', '--package', folder, ...common],
    ['deploy', '--package', folder, ...common, '--force'],
    ['invoke', '--function', 'migrate', ...common],
  ]);
});

test('a template that CloudFormation would refuse is not deployed', async () => {
  const { asked, outcome } = await deployed({
    Queue: { Type: 'AWS::SQS::Queue', Properties: { QueueNaem: 'q' } },
  });
  expect(outcome).toContain('Queue(AWS::SQS::Queue).QueueNaem: unknown property');
  expect(asked.map(([command]) => command)).toEqual(['package']);
});

test('a deployment that fails migrates nothing', async () => {
  const { asked, outcome } = await deployed(GOOD, 'deploy');
  expect(outcome).toContain('deploy failed');
  expect(asked.map(([command]) => command)).toEqual(['package', 'deploy']);
});
