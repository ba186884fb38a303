import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { copyTree } from '../../../../lib/sandbox/workspace/copy.ts';
import { listTree, treeHash } from '../../../../lib/sandbox/workspace/tree.ts';
import { plant, read, scratch } from './scratch.ts';

function request(folder: string, changes: Partial<Parameters<typeof copyTree>[0]> = {}) {
  const { signal } = new AbortController();
  const [from, to] = [path.join(folder, 'from'), path.join(folder, 'to')];
  return { from, to, exclude: [], maxFiles: 20_000, maxBytes: 1e9, signal, ...changes };
}

test('a copy keeps contents, modes, empty folders and links inside the tree, and leaves .git out', async () => {
  const folder = scratch();
  const from = plant(path.join(folder, 'from'), {
    'src/a.txt': 'a',
    'bin/run.sh': '#!/bin/sh',
    'bin/again.sh': { to: '../src/../bin/run.sh' },
    dangling: { to: 'nowhere' },
    empty: null,
    '.git/config': 'x',
    'module/.git': 'gitdir: elsewhere',
    '.hidden': 'h',
  });
  fs.chmodSync(path.join(from, 'bin/run.sh'), 0o755);
  const asked = request(folder);
  expect(await copyTree(asked)).toEqual({ files: 3, bytes: 11 });
  expect(read(asked.to)).toEqual({
    '.hidden': 'h',
    'bin/again.sh': '-> ../src/../bin/run.sh',
    'bin/run.sh': '#!/bin/sh',
    dangling: '-> nowhere',
    'src/a.txt': 'a',
  });
  expect(fs.statSync(path.join(asked.to, 'bin/run.sh')).mode & 0o777).toBe(0o755);
  expect(fs.readdirSync(path.join(asked.to, 'empty'))).toEqual([]);
  expect(await treeHash(asked.to)).toBe(await treeHash(from));
});

test('excluded files and folders are not looked at, whatever they hold', async () => {
  const folder = scratch();
  plant(path.join(folder, 'from'), {
    'a/target/classes/A.class': 'x',
    'a/.venv/bin/python': { to: '/usr/bin/python3' },
    'a/App.java': 'x',
    '.env': 'secret',
  });
  const asked = request(folder, { exclude: ['**/target/**', '**/.venv', '**/.env'] });
  expect(await copyTree(asked)).toEqual({ files: 1, bytes: 1 });
  expect(read(asked.to)).toEqual({ 'a/App.java': 'x' });
});

test.each([
  ['an absolute link', { link: { to: '/etc/passwd' } }, '/etc/passwd'],
  ['a climbing link', { 'a/link': { to: '../../elsewhere' } }, '../../elsewhere'],
  [
    'a link that climbs by way of another',
    { 'a/b/up': { to: '../..' }, 'a/z': { to: 'b/up/../x' } },
    'b/up/../x',
  ],
  ['a link in circles', { a: { to: 'b' }, b: { to: 'a' } }, 'b'],
])('%s is denied by name and target, and nothing of the copy stays', async (_, tree, target) => {
  const folder = scratch();
  plant(path.join(folder, 'from'), tree);
  const asked = request(folder);
  await expect(copyTree(asked)).rejects.toMatchObject({
    name: 'DeniedPath',
    reason: `the symbolic link to ${JSON.stringify(target)} leaves the tree`,
  });
  expect(fs.existsSync(asked.to)).toBe(false);
});

test('a FIFO is denied without hanging', async () => {
  const folder = scratch();
  plant(path.join(folder, 'from'), {});
  execFileSync('mkfifo', [path.join(folder, 'from/pipe')]);
  await expect(copyTree(request(folder))).rejects.toMatchObject({
    path: 'pipe',
    reason: '"pipe" is a socket, a FIFO or a device',
  });
});

test('more files or bytes than allowed end the copy with a message that says what to do', async () => {
  const folder = scratch();
  plant(path.join(folder, 'from'), { a: '12345', b: '12345', c: '12345' });
  await expect(copyTree(request(folder, { maxFiles: 2 }))).rejects.toThrow(
    'the tree holds more than 2 files: exclude what the task does not need',
  );
  await expect(copyTree(request(folder, { maxBytes: 9 }))).rejects.toThrow('more than 9 bytes');
});

test('an aborted copy ends with the reason and leaves nothing', async () => {
  const folder = scratch();
  plant(path.join(folder, 'from'), { a: '1' });
  const asked = request(folder, { signal: AbortSignal.abort(new Error('cancelled')) });
  await expect(copyTree(asked)).rejects.toThrow('cancelled');
  expect(fs.existsSync(asked.to)).toBe(false);
});

test('the hash of a tree changes with a name, a content, an executable bit or a link, and with nothing else', async () => {
  const root = plant(path.join(scratch(), 'root'), { 'a/b': 'x', c: 'y', l: { to: 'c' } });
  const file = path.join(root, 'c');
  const first = await treeHash(root);
  fs.utimesSync(file, 0, 0);
  fs.chmodSync(file, 0o600);
  fs.mkdirSync(path.join(root, 'empty'));
  plant(root, { '.git/HEAD': 'ref' });
  expect(await treeHash(root)).toBe(first);
  const seen = new Set([first]);
  fs.chmodSync(file, 0o755);
  seen.add(await treeHash(root));
  fs.writeFileSync(file, 'z');
  seen.add(await treeHash(root));
  fs.renameSync(file, path.join(root, 'd'));
  seen.add(await treeHash(root));
  fs.rmSync(path.join(root, 'l'));
  fs.symlinkSync('d', path.join(root, 'l'));
  seen.add(await treeHash(root));
  expect(seen.size).toBe(5);
});

test('a listing tells path, size, mode and content hash of each file', async () => {
  const root = plant(path.join(scratch(), 'root'), { 'b/x': 'hello', a: { to: 'b' } });
  expect(await listTree(root)).toEqual([
    {
      path: 'a',
      size: 1,
      mode: 0o777,
      sha256: '3e23e8160039594a33894f6564e1b1348bbd7a0088d42c4acb73eeaed59c009d',
      link: 'b',
    },
    {
      path: 'b/x',
      size: 5,
      mode: 0o644,
      sha256: '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824',
    },
  ]);
});
