import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildFunctions } from '../../scripts/build.ts';
import { type Template, templateProblems } from '../../scripts/deploy/templateProblems.ts';
import { packageStage } from '../support/packageStage.ts';

const MIB = 1024 * 1024;
let folder: string;
let template: Template;

beforeAll(async () => {
  await buildFunctions();
  folder = mkdtempSync(join(tmpdir(), 'package-'));
  template = await packageStage(folder, 'aws');
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function resources(type: string, from = template): Record<string, unknown>[] {
  return Object.values(from.Resources)
    .filter(({ Type }) => Type === type)
    .map(({ Properties }) => Properties ?? {});
}

test('the package is made offline, and is small', () => {
  expect(statSync(join(folder, 'aws/multi-agent-code-system.zip')).size).toBeLessThan(5 * MIB);
});

test('the package holds the bundles and their assets, without the worker or the sources', () => {
  // The names in a zip are plain text.
  const names = readFileSync(join(folder, 'aws/multi-agent-code-system.zip'), 'latin1');
  expect(names).toContain('dist/layered/submitTask/handler.mjs');
  expect(names).toContain('dist/layered/assets/lib/db/migrations/');
  expect(names).not.toContain('dist/submitTask/');
  expect(names).not.toContain('dist/worker/');
  expect(names).not.toContain('functions/');
  expect(names).not.toContain('node_modules/');
});

test('the template has every function, on Node 24 and arm64', () => {
  const functions = resources('AWS::Lambda::Function');
  const names = functions.map(({ FunctionName }) => String(FunctionName).split('-').at(-1)).sort();
  expect(names).toEqual([
    'apply',
    'audit',
    'cancel',
    'deadLetter',
    'diff',
    'feedback',
    'getTask',
    'health',
    'listTasks',
    'metrics',
    'migrate',
    'models',
    'openapi',
    'resume',
    'revert',
    'stream',
    'submitTask',
    'sweeper',
  ]);
  for (const properties of functions) {
    expect(properties).toMatchObject({ Runtime: 'nodejs24.x', Architectures: ['arm64'] });
    expect(properties['Handler']).toMatch(/^dist\/layered\/\w+\/handler\.handler$/);
  }
});

test('secrets are references that only the deployment resolves', () => {
  const [anyFunction] = resources('AWS::Lambda::Function');
  expect(anyFunction).toMatchObject({
    Environment: {
      Variables: {
        PROFILE: 'aws',
        API_KEY: '{{resolve:secretsmanager:multi-agent-code-system/aws:SecretString:api_key}}',
        DATABASE_URL:
          '{{resolve:secretsmanager:multi-agent-code-system/aws:SecretString:database_url}}',
      },
    },
  });
});

test('the work queue has its dead-letter queue, and the presence table its expiry', () => {
  expect(resources('AWS::SQS::Queue')).toContainEqual({
    QueueName: 'agent-tasks',
    VisibilityTimeout: 30,
    MessageRetentionPeriod: 345_600,
    SqsManagedSseEnabled: true,
    RedrivePolicy: {
      deadLetterTargetArn: { 'Fn::GetAtt': ['DeadTasksQueue', 'Arn'] },
      maxReceiveCount: 5,
    },
  });
  expect(resources('AWS::DynamoDB::Table')).toMatchObject([
    {
      TableName: 'agent-presence',
      TimeToLiveSpecification: { AttributeName: 'expires_at', Enabled: true },
    },
  ]);
});

test('the dead-letter queue calls its function, which may report single messages as failed', () => {
  expect(resources('AWS::Lambda::EventSourceMapping')).toMatchObject([
    {
      EventSourceArn: { 'Fn::GetAtt': ['DeadTasksQueue', 'Arn'] },
      FunctionResponseTypes: ['ReportBatchItemFailures'],
    },
  ]);
});

test('the sweeper is called every minute', () => {
  expect(resources('AWS::Events::Rule')).toMatchObject([
    { ScheduleExpression: 'rate(1 minute)', State: 'ENABLED' },
  ]);
});

test('exactly the stream is streamed, for 15 minutes, at a Regional endpoint', () => {
  const streamed = resources('AWS::ApiGateway::Method')
    .map(({ Integration }) => Integration as Record<string, unknown>)
    .filter(({ ResponseTransferMode }) => ResponseTransferMode === 'STREAM');
  expect(streamed).toHaveLength(1);
  expect(streamed).toMatchObject([{ TimeoutInMillis: 900_000 }]);
  expect(JSON.stringify(streamed)).toContain('response-streaming-invocations');
  expect(resources('AWS::ApiGateway::RestApi')).toMatchObject([
    { EndpointConfiguration: { Types: ['REGIONAL'] } },
  ]);
});

test('CloudFormation knows every type and property of the template', () => {
  expect(templateProblems(template)).toEqual([]);
});

test('another stage in a network of its own has its own names, subnets and alarm topic', async () => {
  const prod = await packageStage(folder, 'prod', [
    'network=own',
    'subnets=subnet-1,subnet-2',
    'securityGroups=sg-1',
    'concurrency=shared',
    'alarmTopic=arn:aws:sns:us-east-1:123456789012:alarms',
  ]);
  expect(templateProblems(prod)).toEqual([]);
  for (const properties of resources('AWS::Lambda::Function', prod)) {
    expect(properties).toMatchObject({
      VpcConfig: {
        SubnetIds: { 'Fn::Split': [',', 'subnet-1,subnet-2'] },
        SecurityGroupIds: { 'Fn::Split': [',', 'sg-1'] },
      },
      Environment: {
        Variables: { QUEUE_NAME: 'agent-tasks-prod', PRESENCE_TABLE: 'agent-presence-prod' },
      },
    });
    expect(properties).not.toHaveProperty('ReservedConcurrentExecutions');
  }
  expect(resources('AWS::SQS::Queue', prod).map(({ QueueName }) => QueueName)).toEqual([
    'agent-tasks-dead-prod',
    'agent-tasks-prod',
  ]);
  expect(JSON.stringify(resources('AWS::CloudWatch::Alarm', prod))).toContain(
    '123456789012:alarms',
  );
});

test('functions outside of a network reserve what protects the database', () => {
  const functions = resources('AWS::Lambda::Function');
  for (const properties of functions) expect(properties).not.toHaveProperty('VpcConfig');
  const reserved = functions.flatMap(({ ReservedConcurrentExecutions: copies }) =>
    typeof copies === 'number' ? [copies] : [],
  );
  expect(reserved).toHaveLength(8);
  // AWS keeps 100 of an account's 1,000 for functions that reserve nothing.
  expect(reserved.reduce((sum, copies) => sum + copies, 0)).toBeLessThanOrEqual(900);
});

test('every function has a role of its own, and no role is shared by all', () => {
  const used = resources('AWS::Lambda::Function').map(({ Role }) => JSON.stringify(Role));
  expect(new Set(used).size).toBe(used.length);
  expect(Object.keys(template.Resources)).not.toContain('IamRoleLambdaExecution');
});

test.each<[string, (copy: Template) => void, string]>([
  [
    'a misspelt property',
    ({ Resources: { TasksQueue } }) =>
      Object.assign(TasksQueue?.Properties ?? {}, { VisibilityTimeOut: 30 }),
    'TasksQueue(AWS::SQS::Queue).VisibilityTimeOut: unknown property',
  ],
  [
    'a misspelt property of a property',
    ({ Resources: { PresenceTable } }) =>
      Object.assign(PresenceTable?.Properties ?? {}, {
        TimeToLiveSpecification: { AttributName: 'expires_at', Enabled: true },
      }),
    'PresenceTable(AWS::DynamoDB::Table).TimeToLiveSpecification.AttributName: unknown property',
  ],
  [
    'a required property that is missing',
    ({ Resources: { PresenceTable } }) =>
      Reflect.deleteProperty(PresenceTable?.Properties ?? {}, 'KeySchema'),
    'PresenceTable(AWS::DynamoDB::Table): KeySchema is missing',
  ],
  [
    'a value of another type',
    ({ Resources: { TasksQueue } }) =>
      Object.assign(TasksQueue?.Properties ?? {}, { VisibilityTimeout: 'long' }),
    'TasksQueue(AWS::SQS::Queue).VisibilityTimeout: "long" is no integer',
  ],
  [
    'an unknown type',
    ({ Resources }) => Object.assign(Resources, { Odd: { Type: 'AWS::SQS::Queues' } }),
    'Odd: unknown type AWS::SQS::Queues',
  ],
])('%s in the template is caught', (_name, spoil, problem) => {
  const copy = structuredClone(template);
  spoil(copy);
  expect(templateProblems(copy)).toContain(problem);
});
