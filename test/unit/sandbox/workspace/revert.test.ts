import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { applyPatch, checkPatch } from '../../../../lib/sandbox/workspace/apply.ts';
import { diffTrees } from '../../../../lib/sandbox/workspace/patch.ts';
import { reversed } from '../../../../lib/task/patch.ts';
import { plant, read, scratch } from './scratch.ts';

const BEFORE = { edit: 'old\r\n', gone: '\u0000g', 'deep/gone': 'd', kept: 'k', folder: 'a file' };
const AFTER = { edit: 'new', 'made/here': 'm', kept: 'k', 'folder/inside': 'x' };

async function prepared() {
  const folder = scratch();
  const base = plant(path.join(folder, 'base'), BEFORE);
  const root = plant(path.join(folder, 'root'), BEFORE);
  for (const tree of [base, root]) fs.chmodSync(path.join(tree, 'edit'), 0o750);
  const work = plant(path.join(folder, 'work'), AFTER);
  const patch = await diffTrees({ base, work });
  return { root, patch, stateDir: path.join(folder, 'state') };
}

test('a patch that is taken back leaves every byte and every mode as it was', async () => {
  const { root, patch, stateDir } = await prepared();
  applyPatch({ root, patch, stateDir });
  expect(read(root)).toEqual(AFTER);
  const back = reversed(patch);
  expect(applyPatch({ root, patch: back, stateDir })).toMatchObject({ kind: 'applied' });
  expect(read(root)).toEqual(BEFORE);
  expect(fs.statSync(path.join(root, 'edit')).mode & 0o777).toBe(0o750);
  expect(fs.existsSync(path.join(root, 'made'))).toBe(false);
  expect(applyPatch({ root, patch: back, stateDir })).toMatchObject({ kind: 'applied' });
});

test('taking a patch back is refused when a file was changed or removed since', async () => {
  const { root, patch, stateDir } = await prepared();
  applyPatch({ root, patch, stateDir });
  fs.appendFileSync(path.join(root, 'edit'), ' and mine');
  fs.rmSync(path.join(root, 'made/here'));
  const found = read(root);
  const outcome = applyPatch({ root, patch: reversed(patch), stateDir });
  // What is gone already is as it was before; only the edited file is in the way.
  expect(outcome).toEqual({ kind: 'conflicted', paths: ['edit'] });
  expect(read(root)).toEqual(found);
});

test('a check names the conflicts and writes nothing', async () => {
  const { root, patch, stateDir } = await prepared();
  expect(checkPatch({ root, patch, stateDir })).toMatchObject({ kind: 'applied' });
  expect(read(root)).toEqual(BEFORE);
  fs.writeFileSync(path.join(root, 'edit'), 'mine');
  expect(checkPatch({ root, patch, stateDir })).toEqual({ kind: 'conflicted', paths: ['edit'] });
  expect(read(root)).toEqual({ ...BEFORE, edit: 'mine' });
});
