import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { checkPatch } from '../../../../lib/sandbox/workspace/apply.ts';
import { diffTrees } from '../../../../lib/sandbox/workspace/patch.ts';
import { logFile, thisProcess, writeLog } from '../../../../lib/sandbox/workspace/undoLog.ts';
import { plant, read, scratch } from './scratch.ts';

const CHILD = path.join(import.meta.dirname, 'applyChild.ts');

/** Applies on a disk of its own of that size, which only this process sees, and keeps what is on it in the end. */
const ON_SMALL_DISK = `
mount -t tmpfs -o size=$1 tmpfs "$2/disk" && cp -a "$2/base" "$2/disk/root" || exit 99
"$3" "$4" "$2/disk/root" "$2/patch.json" "$2/state"; code=$?
cp -a "$2/disk/root" "$2/kept" && exit $code
`;

test('a disk that fills in the middle of an apply leaves everything as it was', async (context) => {
  const folder = scratch();
  const kB = (text: string, count: number) => text.repeat(count * 1024);
  const before = { 'a-gone': kB('a', 60), 'b-grows': 'small', 'kept/other': kB('k', 36) };
  const base = plant(path.join(folder, 'base'), before);
  // What the removal frees is taken by the second file; the third finds no room.
  const after = { 'b-grows': kB('b', 60), 'kept/other': kB('k', 36), 'new/c': kB('c', 40) };
  const work = plant(path.join(folder, 'work'), after);
  fs.chmodSync(path.join(base, 'b-grows'), 0o750);
  fs.mkdirSync(path.join(folder, 'disk'));
  const patch = await diffTrees({ base, work });
  fs.writeFileSync(path.join(folder, 'patch.json'), JSON.stringify(patch));

  const words = [ON_SMALL_DISK, 'sh', '128k', folder, process.execPath, CHILD];
  const ran = spawnSync('unshare', ['-Urm', 'sh', '-c', ...words], { encoding: 'utf8' });
  if (ran.error !== undefined || ran.status === 99 || /unshare/.test(ran.stderr)) {
    context.skip(`no small disk can be mounted here: install util-linux, allow user namespaces`);
  }
  expect(ran.stderr).toContain('ENOSPC');
  expect(ran.stderr).toContain('all was taken back');
  const kept = path.join(folder, 'kept');
  expect(read(kept)).toEqual(before);
  expect(fs.statSync(path.join(kept, 'b-grows')).mode & 0o777).toBe(0o750);
  expect(fs.existsSync(path.join(kept, 'new'))).toBe(false);
  expect(fs.readdirSync(path.join(folder, 'state'))).toEqual([]);
});

test('what could not be taken back at once is taken back by the next call of the same process', async () => {
  const folder = scratch();
  const base = plant(path.join(folder, 'base'), { edit: 'old' });
  const work = plant(path.join(folder, 'work'), { edit: 'new' });
  const root = plant(path.join(folder, 'root'), { edit: 'new', 'made/here': 'm' });
  const patch = await diffTrees({ base, work });
  const { dev, ino } = fs.statSync(root);
  const stateDir = path.join(folder, 'state');
  const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
  const file = { beforeMode: 0o644, mode: fs.statSync(path.join(root, 'edit')).mode & 0o777 };
  writeLog(logFile(stateDir, root), {
    owner: thisProcess(),
    ...{ root, identity: { device: dev, inode: ino }, temporary: '.apply-x', folders: ['made'] },
    files: [
      {
        path: 'edit',
        before: Buffer.from('old').toString('base64'),
        after: sha256('new'),
        ...file,
      },
      { path: 'made/here', before: null, after: sha256('m'), ...file },
    ],
  });
  expect(checkPatch({ root, patch, stateDir })).toEqual({ kind: 'applied', paths: ['edit'] });
  expect(read(root)).toEqual({ edit: 'old' });
  expect(fs.readdirSync(stateDir)).toEqual([]);
});
