import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { applyPatch, recoverApplies } from '../../../../lib/sandbox/workspace/apply.ts';
import { diffTrees } from '../../../../lib/sandbox/workspace/patch.ts';
import { plant, read, scratch } from './scratch.ts';

const CHILD = path.join(import.meta.dirname, 'applyChild.ts');

type Tree = Parameters<typeof plant>[1];

async function prepared(before: Tree, after: Tree) {
  const folder = scratch();
  const base = plant(path.join(folder, 'base'), before);
  const root = plant(path.join(folder, 'root'), before);
  const work = plant(path.join(folder, 'work'), after);
  const patch = await diffTrees({ base, work });
  return { folder, root, patch, stateDir: path.join(folder, 'state') };
}

const BEFORE = { edit: 'old', gone: 'g', 'deep/gone': 'd', kept: 'k' };
const AFTER = { edit: 'new', 'made/here': 'm', kept: 'k' };

test('a patch is applied, a repetition changes nothing, and nothing is left of the undo log', async () => {
  const { root, patch, stateDir } = await prepared(BEFORE, AFTER);
  const paths = ['deep/gone', 'edit', 'gone', 'made/here'];
  expect(applyPatch({ root, patch, stateDir })).toEqual({ kind: 'applied', paths });
  expect(read(root)).toEqual(AFTER);
  expect(fs.existsSync(path.join(root, 'deep'))).toBe(false);
  expect(applyPatch({ root, patch, stateDir })).toEqual({ kind: 'applied', paths });
  expect(read(root)).toEqual(AFTER);
  expect(fs.readdirSync(stateDir)).toEqual([]);
});

test('a file that was edited meanwhile is named, and nothing is touched', async () => {
  const { root, patch, stateDir } = await prepared(BEFORE, AFTER);
  fs.writeFileSync(path.join(root, 'edit'), 'mine');
  plant(root, { 'made/here': 'mine too' });
  expect(applyPatch({ root, patch, stateDir })).toEqual({
    kind: 'conflicted',
    paths: ['edit', 'made/here'],
  });
  expect(read(root)).toEqual({ ...BEFORE, edit: 'mine', 'made/here': 'mine too' });
});

test('a link in place of a touched file or folder conflicts and is not followed', async () => {
  const { root, patch, stateDir, folder } = await prepared(BEFORE, AFTER);
  const elsewhere = plant(path.join(folder, 'elsewhere'), { edit: 'old' });
  fs.rmSync(path.join(root, 'edit'));
  plant(root, { edit: { to: '../elsewhere/edit' }, made: { to: '../elsewhere' } });
  expect(applyPatch({ root, patch, stateDir })).toEqual({
    kind: 'conflicted',
    paths: ['edit', 'made/here'],
  });
  expect(read(elsewhere)).toEqual({ edit: 'old' });
});

test('a file where the patch needs a folder conflicts', async () => {
  const { root, patch, stateDir } = await prepared(BEFORE, AFTER);
  plant(root, { made: 'a file' });
  expect(applyPatch({ root, patch, stateDir })).toEqual({
    kind: 'conflicted',
    paths: ['made/here'],
  });
});

test('a folder becomes a file and a file becomes a folder', async () => {
  const after = { folder: 'file now', 'file/below': 'x' };
  const { root, patch, stateDir } = await prepared({ 'folder/a': 'a', file: 'f' }, after);
  expect(applyPatch({ root, patch, stateDir }).kind).toBe('applied');
  expect(read(root)).toEqual(after);
});

test('when a folder that must give way holds something new, all is taken back', async () => {
  const { root, patch, stateDir } = await prepared(
    { 'folder/a': 'a', z: '1' },
    { folder: 'x', z: '2' },
  );
  plant(root, { 'folder/mine': 'mine' });
  expect(applyPatch({ root, patch, stateDir })).toEqual({ kind: 'conflicted', paths: ['folder'] });
  expect(read(root)).toEqual({ 'folder/a': 'a', 'folder/mine': 'mine', z: '1' });
  expect(fs.readdirSync(stateDir)).toEqual([]);
});

test('when writing fails in the middle, all is taken back and the cause is told', async () => {
  const after = { ...AFTER, z: 'z'.repeat(20_000) };
  const { root, patch, stateDir, folder } = await prepared(BEFORE, after);
  const patchFile = path.join(folder, 'patch.json');
  fs.writeFileSync(patchFile, JSON.stringify(patch));
  const limited = 'trap \'\' XFSZ; ulimit -f 8; exec "$@"';
  const child = ['-c', limited, 'sh', process.execPath, CHILD, root, patchFile, stateDir];
  const ran = spawnSync('sh', child, { encoding: 'utf8' });
  expect(ran.stderr).toContain('applying "z" below');
  expect(ran.stderr).toContain('EFBIG');
  expect(read(root)).toEqual(BEFORE);
  expect(fs.readdirSync(root).sort()).toEqual(['deep', 'edit', 'gone', 'kept']);
  expect(fs.readdirSync(stateDir)).toEqual([]);
});

test('a path that no patch may name is denied', async () => {
  const { root, patch, stateDir } = await prepared(BEFORE, AFTER);
  const changes = [{ path: '../escaped', before: null, after: 'eA==', mode: 0o644 }];
  expect(() => applyPatch({ root, patch: { ...patch, changes }, stateDir })).toThrow('is denied');
});

test('the executable bit arrives', async () => {
  const { root, patch, stateDir } = await prepared({ run: 'r' }, { run: 'r' });
  const changes = [{ path: 'run', before: 'cg==', after: 'cg==', mode: 0o755 }];
  applyPatch({ root, patch: { ...patch, changes }, stateDir });
  expect(fs.statSync(path.join(root, 'run')).mode & 0o777).toBe(0o755);
});

test('an apply that was killed in the middle is taken back byte for byte, but not what was saved since', async () => {
  const names = Array.from({ length: 400 }, (_, index) => `folder${index % 7}/file${index}`);
  const before = Object.fromEntries(
    names.filter((_, index) => index % 2 === 0).map((name) => [name, `old ${name}`]),
  );
  const after = Object.fromEntries(
    names.filter((_, index) => index % 5 !== 0).map((name) => [name, `new ${name}`]),
  );
  const { root, patch, stateDir, folder } = await prepared(before, after);
  const patchFile = path.join(folder, 'patch.json');
  fs.writeFileSync(patchFile, JSON.stringify(patch));
  const child = spawn(process.execPath, [CHILD, root, patchFile, stateDir], { stdio: 'inherit' });
  onTestFinished(() => void child.kill('SIGKILL'));
  const removals = patch.changes.filter((change) => change.after === null);
  await gone(path.join(root, removals[20]?.path ?? ''));
  child.kill('SIGKILL');
  await once(child, 'exit');
  const halfway = read(root);
  expect(halfway).not.toEqual(before);
  expect(halfway).not.toEqual(after);
  const saved = removals[3]?.path ?? '';
  plant(root, { [saved]: 'saved by the user' });
  const [recovered] = recoverApplies(stateDir);
  expect(recovered?.kept).toEqual([saved]);
  expect(read(root)).toEqual({ ...before, [saved]: 'saved by the user' });
  expect(recoverApplies(stateDir)).toEqual([]);
});

/** Resolves once a file is gone. */
async function gone(file: string): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (fs.existsSync(file)) {
    if (Date.now() > deadline) throw new Error('the child did not begin');
    await setImmediate();
  }
}
