import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildFunctions } from '../../scripts/build.ts';
import { packageStage, TEMPLATE_FILE } from '../support/packageStage.ts';

const root = join(import.meta.dirname, '../..');
let folder: string;
let isInstalled: boolean;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cfn-lint-'));
  const version = await execa('cfn-lint', ['--version'], { reject: false });
  isInstalled = version.exitCode === 0;
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Only errors: a parameter of a stage makes one of its conditions always true, which is a warning. */
async function errorsIn(file: string): Promise<string> {
  const flags = ['--non-zero-exit-code', 'error', '--ignore-checks', 'W', '--template', file];
  const { stdout, stderr } = await execa('cfn-lint', flags, { reject: false });
  return `${stdout}${stderr}`;
}

/** A few seconds each, unless the machine has other work. */
const TIMEOUT_MS = 300_000;

test('cfn-lint finds no error in the functions', { timeout: TIMEOUT_MS }, async (context) => {
  if (!isInstalled) context.skip('cfn-lint is not installed: pip install cfn-lint');
  await buildFunctions();
  const ids = ['subnets=subnet-0123456789abcdef0', 'securityGroups=sg-0123456789abcdef0'];
  const topic = 'alarmTopic=arn:aws:sns:us-east-1:123456789012:alarms';
  await packageStage(folder, 'prod', ['network=own', ...ids, topic, 'usagePlan=on']);
  expect(await errorsIn(join(folder, 'prod', TEMPLATE_FILE))).toBe('');
});

test('cfn-lint finds no error in the workers', { timeout: TIMEOUT_MS }, async (context) => {
  if (!isInstalled) context.skip('cfn-lint is not installed: pip install cfn-lint');
  expect(await errorsIn(join(root, 'infra/aws/worker.yml'))).toBe('');
});
