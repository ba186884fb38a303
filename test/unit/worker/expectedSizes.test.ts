import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { TaskPayload } from '../../../lib/task/payload.ts';
import { sizesOfExpected } from '../../../lib/worker/expectedSizes.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'agent-sizes-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function sizes(repo: object, expected: string[]): Promise<Map<string, number>> {
  const payload = TaskPayload.parse({
    type: 'CODE',
    input: { language: 'go', repo, goal: 'Add.' },
    output_contract: { expected_files: expected },
  });
  return sizesOfExpected({ workingDirectory: root, workspaceRoot: root }, payload);
}

test('the files that are there are measured; what is no file, or not there, is left out', async () => {
  mkdirSync(join(root, 'shop/lib'), { recursive: true });
  writeFileSync(join(root, 'shop/a.go'), 'package a\n');
  symlinkSync('/etc/passwd', join(root, 'shop/link.go'));
  const found = await sizes({ path: 'shop' }, ['a.go', 'lib', 'link.go', 'new.go', 'a.go/b.go']);
  expect([...found]).toEqual([['a.go', 10]]);
});

test('a repository that cannot be used, or is not here, has none', async () => {
  expect(await sizes({ path: 'nowhere' }, ['a.go'])).toEqual(new Map());
  expect(await sizes({ path: '/etc' }, ['passwd'])).toEqual(new Map());
  expect(await sizes({ path: 'x'.repeat(1_000) }, ['a.go'])).toEqual(new Map());
});
