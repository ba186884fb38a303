import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { buildFunctions } from '../../scripts/build.ts';
import { canLayOut, onLambda } from '../support/lambdaLayout.ts';

const root = join(import.meta.dirname, '../..');
const layer = join(root, 'dist/layer/nodejs');
let empty: string;

beforeAll(async () => {
  await buildFunctions();
  empty = mkdtempSync(join(tmpdir(), 'no-layer-'));
});
afterAll(() => rmSync(empty, { recursive: true, force: true }));
beforeEach(async (context) => {
  if (!(await canLayOut())) context.skip('no bubblewrap to lay out /opt: apt install bubblewrap');
});

const names = readdirSync(join(root, 'functions')).filter((name) => name !== 'worker');

const PRELUDE = `
globalThis.awslambda = {
  streamifyResponse: (handler) => handler,
  HttpResponseStream: { from: (stream) => stream },
};
const load = async (name) => (await import('/var/task/dist/layered/' + name + '/handler.mjs')).handler;
`;

test('every function starts with the layer at /opt, and finds all that it imports', async () => {
  const script = `${PRELUDE}
    for (const name of ${JSON.stringify(names)}) console.log(name, typeof (await load(name)));
    process.exit();`;
  const started = await onLambda({ layer, script });
  expect(started.split('\n')).toEqual(names.map((name) => `${name} function`));
});

test('a function answers with what the layer gives it: parsing, routes, its database driver', async () => {
  const script = `${PRELUDE}
    const call = async (name, event) => {
      const { statusCode, body } = await (await load(name))({
        headers: { 'x-api-key': 'a-key', 'content-type': 'application/json' },
        requestContext: { requestId: 'r', identity: {} }, queryStringParameters: null, pathParameters: null,
        isBase64Encoded: false, body: null, ...event,
      }, { awsRequestId: 'r', getRemainingTimeInMillis: () => 9000 });
      return { statusCode, ...JSON.parse(body) };
    };
    const answers = [
      await call('openapi', { httpMethod: 'GET', path: '/openapi.json' }),
      await call('submitTask', { httpMethod: 'POST', path: '/v1/tasks', body: '{"type":"CODE"}' }),
      await call('listTasks', { httpMethod: 'GET', path: '/v1/tasks' }),
    ];
    console.log('answers ' + JSON.stringify(answers.map(({ statusCode, openapi, code }) => ({ statusCode, openapi, code }))));
    process.exit();`;
  const told = await onLambda({ layer, script });
  const answers = JSON.parse(/^answers (.*)$/m.exec(told)?.[1] ?? '[]');
  expect(answers).toMatchObject([
    { statusCode: 200, openapi: expect.stringMatching(/^3\./) },
    { statusCode: 422 },
    { statusCode: 503 },
  ]);
});

test('without the layer no function starts: the bundles hold nothing of third parties', async () => {
  const script = `${PRELUDE} await load('submitTask');`;
  await expect(onLambda({ layer: empty, script })).rejects.toThrow('/opt/nodejs/runtime');
});
