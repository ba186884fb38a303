import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { JudgingFolder } from '../../../../lib/agents/oracle/judgingFolder.ts';
import { hashOfFiles, listTree, treeHash } from '../../../../lib/sandbox/workspace/tree.ts';

interface Bench {
  base: string;
  work: string;
  folder: JudgingFolder;
  /** Fills it from a tree, seals it, and tells where it is and which inode a file that nobody changes has. */
  fill(tree: string): Promise<{ root: string; kept: number }>;
}

async function openBench(): Promise<Bench> {
  const home = fs.mkdtempSync(join(tmpdir(), 'judging-folder-'));
  onTestFinished(() => fs.rmSync(home, { recursive: true, force: true }));
  const [base, work] = [join(home, 'base'), join(home, 'work')];
  fs.mkdirSync(join(base, 'src/inner'), { recursive: true });
  fs.writeFileSync(join(base, 'src/inner/kept.py'), 'kept = 1\n');
  fs.writeFileSync(join(base, 'src/changed.py'), 'changed = 1\n');
  fs.writeFileSync(join(base, 'src/gone.py'), 'gone = 1\n');
  fs.writeFileSync(join(base, 'run.sh'), 'exit 0\n', { mode: 0o755 });
  fs.symlinkSync('run.sh', join(base, 'link'));
  fs.cpSync(base, work, { recursive: true, verbatimSymlinks: true });
  fs.writeFileSync(join(work, 'src/changed.py'), 'changed = 2\n');
  fs.rmSync(join(work, 'src/gone.py'));
  fs.writeFileSync(join(work, 'src/new.py'), 'new = 1\n');
  const folder = await JudgingFolder.open(home);
  return {
    ...{ base, work, folder },
    fill: async (tree) => {
      const files = await listTree(tree);
      const copy = await folder.fill({ tree, files, signal: new AbortController().signal });
      expect(hashOfFiles(copy.original)).toBe(hashOfFiles(files));
      expect(await treeHash(copy.root)).toBe(hashOfFiles(files));
      await folder.seal(copy.original);
      return { root: copy.root, kept: identityOf(join(copy.root, 'src/inner/kept.py')) };
    },
  };
}

/** The inode, kept from being used again for another file while the test runs. */
function identityOf(file: string): number {
  const held = fs.openSync(file, 'r');
  onTestFinished(() => fs.closeSync(held));
  return fs.fstatSync(held).ino;
}

/** Everything that is there, folders and version control too. */
function everything(root: string): string[] {
  return fs.readdirSync(root, { recursive: true, encoding: 'utf8' }).sort();
}

test('what a tool has added is gone when the next one runs, and the copy is the same one', async () => {
  const { base, work, fill } = await openBench();
  const first = await fill(base);
  fs.mkdirSync(join(first.root, 'src/__pycache__/deep'), { recursive: true });
  fs.writeFileSync(join(first.root, 'src/__pycache__/deep/x.pyc'), 'x');
  fs.mkdirSync(join(first.root, '.git'));
  fs.writeFileSync(join(first.root, '.git/config'), 'x');
  fs.symlinkSync('/etc/passwd', join(first.root, 'src/out'));
  const second = await fill(work);
  expect(everything(second.root)).toEqual(everything(work));
  expect(second.kept).toBe(first.kept);
  expect((await fill(base)).kept).toBe(first.kept);
});

const TOUCHED: Record<string, (root: string) => void> = {
  'written, its times set back': (root) => {
    const file = join(root, 'src/inner/kept.py');
    const { atime, mtime } = fs.statSync(file);
    fs.writeFileSync(file, 'kept = 2\n');
    fs.utimesSync(file, atime, mtime);
  },
  'made younger': (root) => fs.utimesSync(join(root, 'src/inner/kept.py'), 0, 0),
  'made executable': (root) => fs.chmodSync(join(root, 'src/inner/kept.py'), 0o755),
  'given a second name': (root) =>
    fs.linkSync(join(root, 'src/inner/kept.py'), join(root, 'src/other.py')),
  removed: (root) => fs.rmSync(join(root, 'src/inner/kept.py')),
  'led elsewhere': (root) => {
    fs.rmSync(join(root, 'link'));
    fs.symlinkSync('src', join(root, 'link'));
  },
  'hidden in a closed folder': (root) => fs.chmodSync(join(root, 'src/inner'), 0),
  'exchanged with its folder': (root) => {
    fs.renameSync(join(root, 'src/inner'), join(root, 'src/moved'));
    fs.symlinkSync('moved', join(root, 'src/inner'));
  },
};

test.for(Object.entries(TOUCHED))(
  'a file that a tool has %s makes the copy a new one',
  async ([, touch]) => {
    const { base, fill } = await openBench();
    const first = await fill(base);
    touch(first.root);
    const second = await fill(base);
    expect(second.kept).not.toBe(first.kept);
    expect(everything(second.root)).toEqual(everything(base));
  },
);

test('a tree that is not what was told of it is copied anew, and nothing is left at the end', async () => {
  const { base, work, folder, fill } = await openBench();
  const first = await fill(base);
  const files = await listTree(work);
  fs.writeFileSync(join(work, 'src/changed.py'), 'changed = 3\n');
  const signal = new AbortController().signal;
  const copy = await folder.fill({ tree: work, files, signal });
  expect(identityOf(join(copy.root, 'src/inner/kept.py'))).not.toBe(first.kept);
  expect(hashOfFiles(copy.original)).toBe(await treeHash(work));
  await folder.close();
  expect(fs.existsSync(copy.root)).toBe(false);
});
