import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import * as z from 'zod';
import { adapterActions, COSTS, portCalls } from '../../support/awsCalls.ts';
import { readTemplate } from '../../support/cloudFormation.ts';

const root = join(import.meta.dirname, '../../..');

const Service = z.object({
  functions: z.record(
    z.string(),
    z.object({ role: z.string().optional(), events: z.array(z.unknown()).default([]) }),
  ),
});
const { functions } = Service.parse(
  parse(readFileSync(join(root, 'serverless.yml'), 'utf8'), { logLevel: 'error' }),
);
const names = Object.keys(functions);
const roles = readTemplate('infra/aws/roles.yml').Resources;

const GetArn = z
  .object({ 'Fn::GetAtt': z.tuple([z.string(), z.literal('Arn')]) })
  .transform(({ 'Fn::GetAtt': [id] }) => id);
const Role = z.object({
  AssumeRolePolicyDocument: z.object({
    Statement: z.tuple([
      z.object({
        Principal: z.object({ Service: z.literal('lambda.amazonaws.com') }),
        Action: z.literal('sts:AssumeRole'),
      }),
    ]),
  }),
  ManagedPolicyArns: z.object({
    'Fn::If': z.tuple([
      z.literal('InNetwork'),
      z.tuple([z.object({ Ref: z.literal('NetworkPolicy') })]),
      z.object({ Ref: z.literal('AWS::NoValue') }),
    ]),
  }),
  Policies: z.tuple([
    z.object({
      PolicyDocument: z.object({
        Statement: z.array(
          z.strictObject({
            Effect: z.literal('Allow'),
            Action: z.array(z.string()),
            Resource: z.union([GetArn.transform((id) => [id]), z.array(GetArn)]),
          }),
        ),
      }),
    }),
  ]),
});

/** `action resource` of everything that the role of a function allows. */
function allowed(name: string): string[] {
  const { Policies } = Role.parse(roles[`${capitalised(name)}Role`]?.Properties);
  return Policies[0].PolicyDocument.Statement.flatMap(({ Action, Resource }) =>
    Action.flatMap((action) => Resource.map((resource) => `${action} ${resource}`)),
  ).sort();
}

let calls: Record<string, string[]>;
beforeAll(async () => {
  calls = await portCalls(names.map((name) => `functions/${name}/handler.ts`));
});

/** What the code of a function calls, what its trigger demands, and its log. */
function explained(name: string): string[] {
  const log = `${capitalised(name)}LogGroup`;
  const isCalledByQueue = JSON.stringify(functions[name]?.events).includes('"sqs"');
  return [
    `logs:CreateLogStream ${log}`,
    `logs:PutLogEvents ${log}`,
    // https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
    ...(isCalledByQueue
      ? ['ReceiveMessage', 'DeleteMessage', 'GetQueueAttributes'].map(
          (action) => `sqs:${action} DeadTasksQueue`,
        )
      : []),
    ...callsOf(name).flatMap((call) => COSTS[call] ?? [call]),
  ]
    .filter((permission, at, all) => all.indexOf(permission) === at)
    .sort();
}

/** Requests are counted behind every route, but only where a key or an address is let in: see lib/http/call.ts. */
function callsOf(name: string): string[] {
  const file = `functions/${name}/handler.ts`;
  const isUncounted = readFileSync(join(root, file), 'utf8').includes("access: 'none'");
  return (calls[file] ?? []).filter((call) => !(isUncounted && call === 'presence.countUse'));
}

test.each(names)('the role of %s allows what its code calls, and nothing else', (name) => {
  expect(functions[name]?.role).toBe(`${capitalised(name)}Role`);
  expect(allowed(name)).toEqual(explained(name));
});

test('no role is left of a function that is gone', () => {
  const ids = Object.keys(roles).filter((id) => id.endsWith('Role'));
  expect(ids.sort()).toEqual(names.map((name) => `${capitalised(name)}Role`).sort());
});

test('every call of the AWS adapters belongs to a promise whose permissions are known', () => {
  const known = Object.values(COSTS).flatMap((costs) =>
    costs.map((cost) => cost.split(' ')[0] ?? ''),
  );
  expect(adapterActions()).toEqual([...new Set(known)].sort());
});

test('code that calls AWS is found behind the functions', () => {
  expect(calls['functions/submitTask/handler.ts']).toContain('doorbell.ring');
  expect(calls['functions/health/handler.ts']).toContain('doorbell.depth');
  expect(calls['functions/migrate/handler.ts']).toEqual([]);
});

function capitalised(name: string): string {
  return `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
}
