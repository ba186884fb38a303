import { globSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildFunctions } from '../../scripts/build.ts';
import { type Template, templateProblems } from '../../scripts/deploy/templateProblems.ts';
import { packageStage } from '../support/packageStage.ts';

const MIB = 1024 * 1024;
const root = join(import.meta.dirname, '../..');
let folder: string;
let byDefault: Template;
let other: Template;

beforeAll(async () => {
  await buildFunctions();
  folder = mkdtempSync(join(tmpdir(), 'package-'));
  byDefault = await packageStage(folder, 'aws');
  other = await packageStage(folder, 'other', [
    'layer=off',
    'usagePlan=on',
    'requestsPerDay=5000',
    'burst=7',
  ]);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function resources(template: Template, type: string): Record<string, unknown>[] {
  return Object.values(template.Resources)
    .filter(({ Type }) => Type === type)
    .map(({ Properties }) => Properties ?? {});
}

/** The names in a zip are plain text. */
function zipped(file: string): { bytes: number; names: string } {
  const path = join(folder, file);
  return { bytes: statSync(path).size, names: readFileSync(path, 'latin1') };
}

function bytesBelow(path: string): number {
  const files = globSync('**/*', { cwd: join(root, path), withFileTypes: true });
  return files
    .filter((file) => file.isFile())
    .reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0);
}

test('every function has the layer, which AWS unpacks where their imports look', () => {
  expect(resources(byDefault, 'AWS::Lambda::LayerVersion')).toMatchObject([
    { LayerName: 'multi-agent-code-system-aws-runtime', CompatibleRuntimes: ['nodejs24.x'] },
  ]);
  for (const properties of resources(byDefault, 'AWS::Lambda::Function')) {
    expect(properties).toMatchObject({ Layers: [{ Ref: 'RuntimeLambdaLayer' }] });
  }
  const { names } = zipped('aws/runtime.zip');
  expect(names).toContain('nodejs/runtime/pg.mjs');
  expect(names).toContain('nodejs/runtime/zod.mjs');
});

test("layer and functions stay far below Lambda's limits", () => {
  // https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html: 50 MB zipped, 250 MB unzipped with all layers.
  expect(zipped('aws/runtime.zip').bytes).toBeLessThan(50 * MIB);
  expect(zipped('aws/multi-agent-code-system.zip').bytes).toBeLessThan(50 * MIB);
  expect(bytesBelow('dist/layer') + bytesBelow('dist/layered')).toBeLessThan(250 * MIB);
  // And ours: what a layer saves is uploaded with every change otherwise.
  expect(zipped('aws/runtime.zip').bytes).toBeLessThan(2 * MIB);
  expect(zipped('aws/multi-agent-code-system.zip').bytes).toBeLessThan(MIB / 2);
});

test('without the layer every bundle holds its packages', () => {
  expect(resources(other, 'AWS::Lambda::LayerVersion')).toEqual([]);
  for (const properties of resources(other, 'AWS::Lambda::Function')) {
    expect(properties).not.toHaveProperty('Layers');
    expect(properties['Handler']).toMatch(/^dist\/\w+\/handler\.handler$/);
  }
  const { names } = zipped('other/multi-agent-code-system.zip');
  expect(names).toContain('dist/submitTask/handler.mjs');
  expect(names).not.toContain('dist/layer');
  expect(names).not.toContain('dist/worker/');
});

test('API Gateway asks for no key of its own unless it is told to', () => {
  expect(resources(byDefault, 'AWS::ApiGateway::UsagePlan')).toEqual([]);
  expect(resources(byDefault, 'AWS::ApiGateway::ApiKey')).toEqual([]);
  for (const { ApiKeyRequired } of resources(byDefault, 'AWS::ApiGateway::Method')) {
    expect(ApiKeyRequired).toBe(false);
  }
});

test('a usage plan counts the requests of a key that is one of ours', () => {
  expect(templateProblems(other)).toEqual([]);
  expect(resources(other, 'AWS::ApiGateway::UsagePlan')).toMatchObject([
    { Quota: { Limit: 5_000, Period: 'DAY' }, Throttle: { RateLimit: 50, BurstLimit: 7 } },
  ]);
  expect(resources(other, 'AWS::ApiGateway::ApiKey')).toMatchObject([
    {
      Value: '{{resolve:secretsmanager:multi-agent-code-system/other:SecretString:usage_plan_key}}',
    },
  ]);
  expect(resources(other, 'AWS::ApiGateway::UsagePlanKey')).toHaveLength(1);
});

test('with a usage plan all is asked for the key but what is open to everybody', () => {
  const open = Object.entries(other.Resources)
    .filter(([, { Type }]) => Type === 'AWS::ApiGateway::Method')
    .filter(([, { Properties }]) => Properties?.['ApiKeyRequired'] !== true)
    .map(([id]) => id);
  expect(open.sort()).toEqual(['ApiGatewayMethodHealthGet', 'ApiGatewayMethodOpenapijsonGet']);
});
