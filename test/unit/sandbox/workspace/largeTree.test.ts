import fs from 'node:fs';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { diskUsage } from '../../../../lib/sandbox/run/diskUsage.ts';
import { copyTree } from '../../../../lib/sandbox/workspace/copy.ts';
import { DeniedPath } from '../../../../lib/sandbox/workspace/deniedPath.ts';
import { diffTrees, restoreTree } from '../../../../lib/sandbox/workspace/patch.ts';
import { preflight } from '../../../../lib/sandbox/workspace/preflight.ts';
import { removeTree } from '../../../../lib/sandbox/workspace/removeTree.ts';
import { treeHash } from '../../../../lib/sandbox/workspace/tree.ts';
import { scratch } from './scratch.ts';

const FILES = 8_000;
const CHANGED = 1_000;
const LARGE_BYTES = 256 * 1024 * 1024;
/** Of the processor, for this thread alone: how long others held it does not count. A lease is kept every few seconds. */
const LONGEST_TURN_MS = 150;

/** Many files in one folder, as many in others, and one that takes long to read. */
function plantLarge(root: string): void {
  for (let index = 0; index < FILES; index++) {
    const folder = index % 2 === 0 ? 'flat' : `deep/${index % 41}/${index % 7}`;
    if (index < 1_000) fs.mkdirSync(path.join(root, folder), { recursive: true });
    fs.writeFileSync(path.join(root, folder, `file${index}.txt`), `content of ${index}`);
  }
  fs.writeFileSync(path.join(root, 'large'), '');
  fs.truncateSync(path.join(root, 'large'), LARGE_BYTES);
}

/** The longest that a timer had to wait for `work`, in milliseconds of this thread's processor time. */
async function longestTurn(work: () => Promise<unknown>): Promise<number> {
  let [last, longest] = [process.threadCpuUsage(), 0];
  const beat = () => {
    const { user, system } = process.threadCpuUsage(last);
    longest = Math.max(longest, (user + system) / 1000);
    last = process.threadCpuUsage();
  };
  const timer = setInterval(beat, 2);
  await work();
  clearInterval(timer);
  beat();
  return Math.round(longest);
}

test('the thread that keeps the lease is never held up by a large tree', {
  timeout: 180_000,
}, async () => {
  const folder = scratch();
  const [base, work] = [path.join(folder, 'base'), path.join(folder, 'work')];
  plantLarge(base);
  const limits = { exclude: [], maxFiles: Infinity, maxBytes: Infinity };
  const copy = (to: string, maxFiles = Infinity) =>
    copyTree({ from: base, to, ...limits, maxFiles, signal: new AbortController().signal });
  const turns: Record<string, number> = {};
  turns['copy'] = await longestTurn(() => copy(work));
  turns['hash'] = await longestTurn(() => treeHash(work));
  for (let index = 0; index < CHANGED; index += 2)
    fs.writeFileSync(path.join(work, 'flat', `file${index}.txt`), 'changed');
  const unchanged = await diffTrees({ base, work: base });
  turns['compare'] = await longestTurn(() => diffTrees({ base, work }));
  const directory = fs.openSync(work, 'r');
  onTestFinished(() => fs.closeSync(directory));
  turns['look through'] = await longestTurn(() => preflight(directory, work, undefined));
  turns['measure'] = await longestTurn(() => diskUsage(directory));
  turns['restore'] = await longestTurn(() => restoreTree({ base, work, patch: unchanged }));
  turns['give up'] = await longestTurn(async () => {
    await expect(copy(path.join(folder, 'few'), FILES - 10)).rejects.toThrow(DeniedPath);
  });
  turns['remove'] = await longestTurn(() => removeTree(work));
  const tooLong = Object.entries(turns).filter(([, ms]) => ms > LONGEST_TURN_MS);
  expect(tooLong).toEqual([]);
  expect(fs.readdirSync(folder)).toEqual(['base']);
});

test('what a task has nested deeper than a path can tell, or closed, is removed all the same', async () => {
  const root = path.join(scratch(), 'root');
  fs.mkdirSync(path.join(root, 'closed/inner'), { recursive: true });
  fs.chmodSync(path.join(root, 'closed'), 0);
  fs.mkdirSync(path.join(root, 'open'));
  const outside = path.join(path.dirname(root), 'outside');
  fs.writeFileSync(outside, 'kept');
  fs.symlinkSync(path.dirname(root), path.join(root, 'link'));
  const name = 'd'.repeat(200);
  nest(path.join(root, 'open'), name, 60);
  await removeTree(root);
  expect(fs.existsSync(root)).toBe(false);
  expect(fs.readFileSync(outside, 'utf8')).toBe('kept');
  await removeTree(root);
});

/** One folder in another, each moved below a new one: a path to the innermost would be too long. */
function nest(at: string, name: string, depth: number): void {
  for (let level = 0; level < depth; level++) {
    const outer = path.join(at, `outer${level}`);
    fs.mkdirSync(outer);
    if (level > 0) fs.renameSync(path.join(at, name), path.join(outer, name));
    else fs.writeFileSync(path.join(outer, 'leaf'), 'x');
    fs.renameSync(outer, path.join(at, name));
  }
}
