import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { templateProblems } from '../../../scripts/deploy/templateProblems.ts';
import { COSTS, portCalls } from '../../support/awsCalls.ts';
import { readTemplate } from '../../support/cloudFormation.ts';
import { readDockerfile } from '../../support/dockerfile.ts';
import { workerContainer } from '../../support/templateEnvironment.ts';

const root = join(import.meta.dirname, '../../..');
const template = readTemplate('infra/aws/worker.yml');
const { Resources } = template;

const TaskRole = z.object({
  Policies: z.tuple([
    z.object({
      PolicyDocument: z.object({
        Statement: z.array(
          z.object({ Action: z.array(z.string()), Resource: z.record(z.string(), z.unknown()) }),
        ),
      }),
    }),
  ]),
});

test('CloudFormation knows every type and property of the template', () => {
  expect(Object.keys(Resources).length).toBeGreaterThan(20);
  expect(templateProblems(template)).toEqual([]);
});

test('every reference of the template leads somewhere', () => {
  const text = JSON.stringify(template);
  const known = new Set([...Object.keys(Resources), ...Object.keys(template.Parameters)]);
  const references = [
    ...[...text.matchAll(/"Ref":"([^"]+)"/g)].map(([, name]) => name),
    ...[...text.matchAll(/"Fn::GetAtt":\["([^"]+)"/g)].map(([, name]) => name),
    ...[...text.matchAll(/\$\{([\w:]+)(?:\.\w+)?\}/g)].map(([, name]) => name),
  ];
  expect(references.length).toBeGreaterThan(50);
  const lost = references.filter((name = '') => !name.startsWith('AWS::') && !known.has(name));
  expect(lost).toEqual([]);
});

test('the role of the worker allows what its code calls, its files and its shield, and nothing else', async () => {
  const entry = 'lib/worker/worker.ts';
  const calls = (await portCalls([entry]))[entry] ?? [];
  const explained = calls
    .flatMap((call) => COSTS[call] ?? [call])
    .map((cost) => cost.split(' ')[0]);
  expect(readFileSync(join(root, 'lib/presence/adapters/ecsShield.ts'), 'utf8')).toContain(
    '/task-protection/v1/state',
  );
  const { Policies } = TaskRole.parse(Resources['TaskRole']?.Properties);
  const { Statement } = Policies[0].PolicyDocument;
  expect(new Set(Statement.flatMap(({ Action }) => Action))).toEqual(
    new Set([
      ...explained,
      'ecs:UpdateTaskProtection',
      'elasticfilesystem:ClientMount',
      'elasticfilesystem:ClientWrite',
    ]),
  );
});

test('what the worker drains and hands back fits into the time that ECS leaves it', () => {
  const { StopTimeout, Environment } = workerContainer();
  const drain = Environment.find(({ Name }) => Name === 'DRAIN_MS');
  // The start script, too, gives ten seconds to hand tasks back.
  expect(Number(drain?.Value) + 10_000).toBeLessThanOrEqual(StopTimeout * 1_000);
});

test('the container may make namespaces, and is not root', () => {
  const { Privileged, User } = workerContainer();
  const user = readDockerfile('functions/worker/Dockerfile').findLast(
    ({ name }) => name === 'USER',
  );
  expect(Privileged).toBe(true);
  expect(User).toBe('10001:10001');
  expect(user?.text).toBe(User);
  expect(Resources['RepositoriesAccess']?.Properties).toMatchObject({
    PosixUser: { Uid: '10001', Gid: '10001' },
  });
});

test('ECS checks the health as the image says', () => {
  const inImage = readDockerfile('functions/worker/Dockerfile').findLast(
    ({ name }) => name === 'HEALTHCHECK',
  );
  const [kind, ...command] = workerContainer().HealthCheck.Command;
  expect(kind).toBe('CMD');
  expect(inImage?.text).toContain(JSON.stringify(command).replaceAll('","', '", "'));
});

test('what a task depends on is mounted where the image looks for it, and nobody writes there', () => {
  const { MountPoints } = workerContainer();
  const caches = MountPoints.find(({ SourceVolume }) => SourceVolume === 'caches');
  const told = readDockerfile('functions/worker/Dockerfile').findLast(({ name }) => name === 'ENV');
  expect(caches).toMatchObject({ ContainerPath: '/caches', ReadOnly: true });
  expect(told?.text).toContain('CACHE_DIR=/caches');
});
