import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { DeniedPath } from '../../../../lib/sandbox/workspace/deniedPath.ts';
import { type Jail, openJail } from '../../../../lib/sandbox/workspace/jail.ts';
import { plant, read, scratch } from './scratch.ts';

function jailed(tree: Parameters<typeof plant>[1] = {}): {
  jail: Jail;
  root: string;
  outside: string;
} {
  const folder = scratch();
  const outside = plant(path.join(folder, 'outside'), { secret: 'secret' });
  const root = plant(path.join(folder, 'root'), tree);
  const jail = openJail(root);
  onTestFinished(() => jail.close());
  return { jail, root, outside };
}

function denied(work: () => unknown): DeniedPath {
  try {
    work();
  } catch (error) {
    if (error instanceof DeniedPath) return error;
    throw error;
  }
  throw new Error('nothing was denied');
}

function attempt(work: () => void): unknown {
  try {
    work();
    return 'written';
  } catch (error) {
    return error instanceof DeniedPath ? 'denied' : error;
  }
}

test('a file is written with its folders, read back and removed with the folders that it leaves empty', () => {
  const { jail, root } = jailed({ 'keep.txt': 'kept' });
  jail.write('src/main/App.java', 'class App {}');
  expect(jail.read('src/main/App.java', 100).toString()).toBe('class App {}');
  expect(jail.exists('src/main/App.java')).toBe(true);
  jail.remove('src/main/App.java');
  expect(jail.exists('src/main/App.java')).toBe(false);
  expect(fs.readdirSync(root)).toEqual(['keep.txt']);
});

test('an overwritten file keeps its permission bits unless new ones are given', () => {
  const { jail, root } = jailed({ 'run.sh': 'old' });
  fs.chmodSync(path.join(root, 'run.sh'), 0o755);
  jail.write('run.sh', 'new');
  expect(fs.statSync(path.join(root, 'run.sh')).mode & 0o777).toBe(0o755);
  jail.write('run.sh', 'new', 0o640);
  expect(fs.statSync(path.join(root, 'run.sh')).mode & 0o777).toBe(0o640);
});

test.each([
  '',
  '.',
  './',
  '/etc/passwd',
  '../outside/secret',
  'a/../../outside/secret',
  'C:\\windows',
  'c:/windows',
  'a\\b',
  'a\0b',
  'a\nb',
  'a\u001b[31m',
  '.git/hooks/post-checkout',
  'sub/.GIT/config',
  'x'.repeat(256),
  'é'.repeat(128),
  'a/'.repeat(3000),
  '\ud800',
])('the path %j is denied for every call', (bad) => {
  const { jail, root, outside } = jailed();
  for (const call of [
    () => jail.read(bad, 10),
    () => jail.write(bad, 'x'),
    () => jail.remove(bad),
    () => jail.exists(bad),
  ])
    expect(denied(call).path).toBe(bad);
  expect(read(root)).toEqual({});
  expect(read(outside)).toEqual({ secret: 'secret' });
});

test('a link on the way is denied with the place it leads to', () => {
  const { jail, outside } = jailed({ out: { to: '../outside' } });
  const error = denied(() => jail.write('out/secret', 'stolen'));
  expect(error.target).toBe(outside);
  expect(error.reason).toBe('"out" is a symbolic link');
  expect(read(outside)).toEqual({ secret: 'secret' });
});

test('a link in place of a file is neither read, written through, nor removed', () => {
  const { jail, root, outside } = jailed({ link: { to: '../outside/secret' } });
  const target = path.join(outside, 'secret');
  expect(denied(() => jail.read('link', 10)).target).toBe(target);
  expect(denied(() => jail.write('link', 'x')).target).toBe(target);
  expect(denied(() => jail.remove('link')).target).toBe(target);
  expect(denied(() => jail.exists('link')).target).toBe(target);
  expect(read(root)).toEqual({ link: '-> ../outside/secret' });
  expect(read(outside)).toEqual({ secret: 'secret' });
});

test('reading refuses a folder, a FIFO, a hard link and a file that is too large, without hanging', () => {
  const { jail, root, outside } = jailed({ folder: null, big: '12345678901' });
  execFileSync('mkfifo', [path.join(root, 'fifo')]);
  fs.linkSync(path.join(outside, 'secret'), path.join(root, 'hard'));
  expect(denied(() => jail.read('folder', 10)).reason).toContain('not a plain file');
  expect(denied(() => jail.read('fifo', 10)).reason).toContain('not a plain file');
  expect(denied(() => jail.read('hard', 10)).reason).toContain('a hard link');
  expect(denied(() => jail.read('big', 10)).reason).toContain('11 bytes long, more than 10');
});

test('a missing file reads as ENOENT, is not there and can be removed', () => {
  const { jail } = jailed({ file: 'x' });
  expect(() => jail.read('missing/file', 10)).toThrow(expect.objectContaining({ code: 'ENOENT' }));
  expect(jail.exists('missing/file')).toBe(false);
  expect(jail.exists('file/below')).toBe(false);
  jail.remove('missing');
  jail.remove('file/below');
  expect(jail.read('file', 10).toString()).toBe('x');
});

test('writing to a hard link leaves the other name as it was', () => {
  const { jail, root, outside } = jailed();
  fs.linkSync(path.join(outside, 'secret'), path.join(root, 'hard'));
  jail.write('hard', 'mine');
  expect(read(outside)).toEqual({ secret: 'secret' });
  expect(read(root)).toEqual({ hard: 'mine' });
});

test('a root that is a link is refused', () => {
  const folder = scratch();
  plant(folder, { real: null, link: { to: 'real' } });
  expect(denied(() => openJail(path.join(folder, 'link'))).target).toBe(path.join(folder, 'real'));
});

test('any path is either denied or stays below the root', () => {
  const { jail, root, outside } = jailed({ 'in/out': { to: '../../outside' }, up: { to: '..' } });
  const part = fc.oneof(
    fc.constantFrom('..', '.', '', 'in', 'out', 'up', 'outside', 'secret', '.git', '\0', '\\'),
    fc.string({ unit: 'binary', maxLength: 6 }),
  );
  const before = fs.readdirSync(path.dirname(root)).sort();
  fc.assert(
    fc.property(fc.array(part, { maxLength: 6 }), (parts) => {
      const asked = parts.join('/');
      expect(['written', 'denied']).toContain(attempt(() => jail.write(asked, 'x')));
      expect(read(outside)).toEqual({ secret: 'secret' });
    }),
    { numRuns: 300 },
  );
  expect(fs.readdirSync(path.dirname(root)).sort()).toEqual(before);
});
