import { DeniedPath } from '../../sandbox/workspace/deniedPath.ts';
import { hashOfFiles, type TreeFile } from '../../sandbox/workspace/tree.ts';
import type { Language } from '../../task/payload.ts';
import type { JudgingFolder } from './judgingFolder.ts';
import { inJail, type OwnCopy } from './ownCopy.ts';
import type { JudgedTree } from './plan.ts';
import { isShadowHeader, isTestAsset, isTestHook, isTestModule } from './testFiles.ts';
import { holdsTestSettings, withBaseTestSettings } from './testSettings.ts';

interface Sources {
  /** The tree to judge, and what it holds; it is only read. */
  tree: string;
  treeFiles: readonly TreeFile[];
  /** The tree the task started from: its test files are the ones that count. */
  base: string;
  /** What `base` holds: nobody writes to it, so that it is read once for all the copies of a run. */
  baseFiles: readonly TreeFile[];
  /** Where the copy goes. */
  judging: JudgingFolder;
  /** Files that are taken from `overlay.from` on top: tests written in the run, to be tried on the base tree. */
  overlay?: { from: string; paths: readonly string[] };
  language: Language;
  signal: AbortSignal;
}

export interface JudgedCopy {
  tree: JudgedTree;
  /** Hash of what is judged, before any tool touched it. */
  hash: string;
  /** Runnable test files that were put in place: of the base tree, and of the overlay. */
  baseTests: ReadonlySet<string>;
}

const MAX_READ = 1024 * 1024;
const MAX_TEST_FILE = 64 * 1024 * 1024;

/**
 * A throwaway copy in which the tests of the base tree are as they were, so that an answer cannot pass by deleting or
 * editing them, and tools cannot alter the result.
 */
export async function makeJudgedCopy(sources: Sources): Promise<JudgedCopy> {
  const { tree, treeFiles, base, baseFiles, judging, language, overlay, signal } = sources;
  const copy = await judging.fill({ tree, files: treeFiles, signal });
  keepInstalled(copy, sources);
  const assets = baseFiles.filter(
    ({ path, link }) => link === undefined && isTestAsset(language, path),
  );
  restore(copy, base, changedAmong(assets, copy.original));
  if (overlay !== undefined) restore(copy, overlay.from, overlay.paths);
  removeNewHooks(copy, assets);
  restoreSettings(copy, base);
  const judged = await copy.list();
  await judging.seal(judged);
  return {
    tree: {
      root: copy.root,
      files: judged.filter(({ link }) => link === undefined).map(({ path }) => path),
      read: (path) => readSmallText(copy.root, path),
    },
    hash: hashOfFiles(judged),
    baseTests: new Set(
      [...assets.map(({ path }) => path), ...(overlay?.paths ?? [])].filter((path) =>
        isTestModule(language, path),
      ),
    ),
  };
}

const INSTALLED = /(^|\/)node_modules\//;

/** Packages that were installed stay as they were: among them is what runs the tests. */
function keepInstalled(copy: OwnCopy, { base, baseFiles }: Sources): void {
  const installed = baseFiles.filter(
    ({ path, link }) => link === undefined && INSTALLED.test(path),
  );
  restore(copy, base, changedAmong(installed, copy.original));
  const known = new Set(baseFiles.map(({ path }) => path));
  copy.remove(copy.paths.filter((path) => INSTALLED.test(path) && !known.has(path)));
}

function changedAmong(assets: readonly TreeFile[], copied: readonly TreeFile[]): string[] {
  const contents = new Map(copied.map(({ path, sha256 }) => [path, sha256]));
  return assets.filter(({ path, sha256 }) => contents.get(path) !== sha256).map(({ path }) => path);
}

function restore(copy: OwnCopy, from: string, paths: readonly string[]): void {
  inJail(from, (source) =>
    copy.write(paths.map((path) => ({ path, content: () => source.read(path, MAX_TEST_FILE) }))),
  );
}

/** A conftest.py that the answer adds above tests of the base tree could turn their results around. */
function removeNewHooks(copy: OwnCopy, assets: readonly TreeFile[]): void {
  const known = new Set(assets.map(({ path }) => path));
  const added = copy.paths.filter(
    (path) => (isTestHook(path) || isShadowHeader(path)) && !known.has(path),
  );
  copy.remove(
    added.filter((path) => {
      const folder = path.replace(/(\.cargo\/)?[^/]*$/, '');
      return assets.some((asset) => asset.path.startsWith(folder));
    }),
  );
}

/** Build files keep what an answer adds to them, but for how tests are run. */
function restoreSettings(copy: OwnCopy, base: string): void {
  for (const path of copy.plainPaths.filter(holdsTestSettings)) {
    const now = readSmallText(copy.root, path);
    if (now === undefined) continue;
    const kept = withBaseTestSettings(path, { before: readSmallText(base, path), now });
    if (kept === now) continue;
    if (kept === undefined) copy.remove([path]);
    else copy.write([{ path, content: () => Buffer.from(kept) }]);
  }
}

/** Content of a report that a tool left in `folder`, read without following any link; undefined when there is none. */
export function readReport(folder: string, name: string): string | undefined {
  return inJail(folder, (jail) =>
    jail.exists(name) ? jail.read(name, MAX_TEST_FILE).toString('utf8') : undefined,
  );
}

/** Text of a file of at most 1 MiB; undefined when there is none, it is larger, or no text. */
export function readSmallText(root: string, path: string): string | undefined {
  return inJail(root, (jail) => {
    try {
      if (!jail.exists(path)) return undefined;
      const text = jail.read(path, MAX_READ).toString('utf8');
      return text.includes('\0') ? undefined : text;
    } catch (error) {
      if (error instanceof DeniedPath) return undefined;
      throw error;
    }
  });
}
