import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { diffTrees, restoreTree } from '../../../../lib/sandbox/workspace/patch.ts';
import { treeHash } from '../../../../lib/sandbox/workspace/tree.ts';
import { plant, read, scratch } from './scratch.ts';

test('a patch tells what was added, modified, deleted and made executable', async () => {
  const folder = scratch();
  const base = plant(path.join(folder, 'base'), { same: 's', old: 'o', change: 'a', run: 'r' });
  const work = plant(path.join(folder, 'work'), { same: 's', change: 'b', run: 'r', 'new/n': 'n' });
  fs.chmodSync(path.join(work, 'run'), 0o755);
  const patch = await diffTrees({ base, work });
  expect(patch.changes).toEqual([
    { path: 'change', before: 'YQ==', after: 'Yg==', mode: 0o644, before_mode: 0o644 },
    { path: 'new/n', before: null, after: 'bg==', mode: 0o644 },
    { path: 'old', before: 'bw==', after: null, mode: 0o644, before_mode: 0o644 },
    { path: 'run', before: 'cg==', after: 'cg==', mode: 0o755, before_mode: 0o644 },
  ]);
  expect(patch.base_tree_hash).toBe(await treeHash(base));
  expect(patch.tree_hash).toBe(await treeHash(work));
});

test('a link or a FIFO among the results is refused', async () => {
  const folder = scratch();
  const base = plant(path.join(folder, 'base'), { a: 'a' });
  const work = plant(path.join(folder, 'work'), { a: 'a', link: { to: 'a' } });
  await expect(diffTrees({ base, work })).rejects.toMatchObject({
    name: 'DeniedPath',
    path: 'link',
  });
  fs.rmSync(path.join(work, 'link'));
  execFileSync('mkfifo', [path.join(work, 'pipe')]);
  await expect(diffTrees({ base, work })).rejects.toMatchObject({ path: 'pipe' });
});

test('a tampered patch does not pass as restored', async () => {
  const folder = scratch();
  const base = plant(path.join(folder, 'base'), { a: 'a' });
  const work = plant(path.join(folder, 'work'), { a: 'b' });
  const patch = await diffTrees({ base, work });
  const tampered = { ...patch, changes: [] };
  await expect(restoreTree({ base, work, patch: tampered })).rejects.toThrow('gave the tree');
});

test('restoring a patch over any leftovers gives exactly the tree it was taken from', async () => {
  const name = fc.constantFrom('a', 'b', 'c', 'd/a', 'd/b', 'd/e/a', 'e', 'e/f');
  const tree = fc
    .uniqueArray(fc.tuple(name, fc.string()), { selector: ([path]) => path })
    .map((files) =>
      files.filter(([file]) => !files.some(([other]) => other.startsWith(`${file}/`))),
    )
    .map((files) => Object.fromEntries(files));
  const folder = scratch();
  let run = 0;
  await fc.assert(
    fc.asyncProperty(tree, tree, tree, async (before, after, leftovers) => {
      const at = path.join(folder, String(++run));
      const base = plant(path.join(at, 'base'), before);
      const result = plant(path.join(at, 'result'), after);
      const work = plant(path.join(at, 'work'), leftovers);
      await restoreTree({ base, work, patch: await diffTrees({ base, work: result }) });
      expect(read(work)).toEqual(read(result));
    }),
    { numRuns: 60 },
  );
});
