import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, onTestFinished, test } from 'vitest';

test('the demo proves its examples, labels what no model said, and leaves no folder behind', async () => {
  const scratch = mkdtempSync(join(tmpdir(), 'agent-test-demo-'));
  onTestFinished(() => rmSync(scratch, { recursive: true, force: true }));
  // A server that is not there: whatever model runs on this machine has no part in the test.
  const env = { MODEL_SERVERS: 'none=http://127.0.0.1:1/v1', NO_COLOR: '1', TMPDIR: scratch };
  const { stdout } = await execa(process.execPath, ['scripts/demo.ts'], { env });
  const closing = stdout.slice(stdout.lastIndexOf('In short'));
  expect(closing).toMatch(/python-roman-numerals +verified .*scripted answer, not a model's/);
  expect(closing).toMatch(/typescript-rate-limiter +verified .*scripted answer, not a model's/);
  expect(closing).toMatch(/java-product-resolver +(partially_)?(un)?verified .*no language model/);
  expect(stdout).toMatch(/python +repair +code\.2/);
  expect(readdirSync(scratch)).toEqual([]);
});
