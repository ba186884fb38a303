import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Patch } from '../../../lib/task/patch.ts';
import { writeBack } from '../../../lib/worker/writeBack.ts';

let base: string;
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'agent-test-write-back-'));
  mkdirSync(join(base, 'repo'));
  writeFileSync(join(base, 'repo/a.txt'), 'old');
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

const patch: Patch = {
  base_tree_hash: 'b',
  tree_hash: 't',
  changes: [{ path: 'a.txt', before: base64('old'), after: base64('new'), mode: 0o644 }],
};

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

function request(stateDir: string, signal = new AbortController().signal) {
  return { root: join(base, 'repo'), patch, stateDir: join(base, stateDir), signal };
}

test('a result is written, and a second time is harmless', async () => {
  const written = { kind: 'applied', paths: ['a.txt'] };
  expect(await writeBack(request('state'))).toEqual(written);
  expect(await writeBack(request('state'))).toEqual(written);
  expect(readFileSync(join(base, 'repo/a.txt'), 'utf8')).toBe('new');
});

test('what keeps it from being written comes back as words, so that the verdict is not lost with it', async () => {
  writeFileSync(join(base, 'file'), '');
  const written = await writeBack(request('file/state'));
  expect(written).toMatchObject({ kind: 'conflicted', paths: [] });
  expect(written.why).toMatch(/ENOTDIR/);
  expect(readFileSync(join(base, 'repo/a.txt'), 'utf8')).toBe('old');
});

test('nothing is written for a task that was stopped', async () => {
  const stopped = AbortSignal.abort(new Error('the lease is lost'));
  await expect(writeBack(request('state', stopped))).rejects.toThrow('the lease is lost');
  expect(readFileSync(join(base, 'repo/a.txt'), 'utf8')).toBe('old');
});
