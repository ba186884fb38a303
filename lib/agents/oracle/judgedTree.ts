import { rm } from 'node:fs/promises';
import { copyTree } from '../../sandbox/workspace/copy.ts';
import { DeniedPath } from '../../sandbox/workspace/deniedPath.ts';
import { type Jail, openJail } from '../../sandbox/workspace/jail.ts';
import { hashOfFiles, listTree, type TreeFile } from '../../sandbox/workspace/tree.ts';
import type { Language } from '../../task/payload.ts';
import type { JudgedTree } from './plan.ts';
import { isShadowHeader, isTestAsset, isTestHook, isTestModule } from './testFiles.ts';
import { holdsTestSettings, withBaseTestSettings } from './testSettings.ts';

interface Sources {
  /** The tree to judge; it is only read. */
  tree: string;
  /** The tree the task started from: its test files are the ones that count. */
  base: string;
  /** Where the copy goes; missing or an empty folder. */
  to: string;
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
  remove(): Promise<void>;
}

const COPY_LIMITS = { maxFiles: 100_000, maxBytes: 4 * 1024 ** 3 };
const MAX_READ = 1024 * 1024;
const MAX_TEST_FILE = 64 * 1024 * 1024;

/**
 * A throwaway copy in which the tests of the base tree are as they were, so that an answer cannot pass by deleting or
 * editing them, and tools cannot alter the result.
 */
export async function makeJudgedCopy(sources: Sources): Promise<JudgedCopy> {
  const { tree, base, to, language, signal } = sources;
  await copyTree({ from: tree, to, exclude: [], signal, ...COPY_LIMITS });
  const original = await listTree(base);
  const copied = await listTree(to);
  keepInstalled(to, base, { original, copied });
  const assets = original.filter(
    ({ path, link }) => link === undefined && isTestAsset(language, path),
  );
  restore(to, base, changedAmong(assets, copied));
  if (sources.overlay !== undefined) restore(to, sources.overlay.from, sources.overlay.paths);
  removeNewHooks(to, { files: await listTree(to), assets });
  restoreSettings(to, base, await listTree(to));
  const judged = await listTree(to);
  return {
    tree: {
      root: to,
      files: judged.filter(({ link }) => link === undefined).map(({ path }) => path),
      read: (path) => readSmallText(to, path),
    },
    hash: hashOfFiles(judged),
    baseTests: new Set(
      [...assets.map(({ path }) => path), ...(sources.overlay?.paths ?? [])].filter((path) =>
        isTestModule(language, path),
      ),
    ),
    remove: () => rm(to, { recursive: true, force: true }),
  };
}

const INSTALLED = /(^|\/)node_modules\//;

/** Packages that were installed stay as they were: among them is what runs the tests. */
function keepInstalled(
  to: string,
  base: string,
  { original, copied }: { original: readonly TreeFile[]; copied: readonly TreeFile[] },
): void {
  const installed = original.filter(({ path, link }) => link === undefined && INSTALLED.test(path));
  restore(to, base, changedAmong(installed, copied));
  const known = new Set(original.map(({ path }) => path));
  const added = copied.filter(({ path }) => INSTALLED.test(path) && !known.has(path));
  inJail(to, (jail) => {
    for (const { path } of added) jail.remove(path);
  });
}

function changedAmong(assets: readonly TreeFile[], copied: readonly TreeFile[]): string[] {
  const contents = new Map(copied.map(({ path, sha256 }) => [path, sha256]));
  return assets.filter(({ path, sha256 }) => contents.get(path) !== sha256).map(({ path }) => path);
}

function restore(to: string, from: string, paths: readonly string[]): void {
  inJail(to, (target) =>
    inJail(from, (source) => {
      for (const path of paths) target.write(path, source.read(path, MAX_TEST_FILE));
    }),
  );
}

/** A conftest.py that the answer adds above tests of the base tree could turn their results around. */
function removeNewHooks(
  to: string,
  { files, assets }: { files: readonly TreeFile[]; assets: readonly TreeFile[] },
): void {
  const known = new Set(assets.map(({ path }) => path));
  const added = files
    .map(({ path }) => path)
    .filter((path) => (isTestHook(path) || isShadowHeader(path)) && !known.has(path));
  inJail(to, (jail) => {
    for (const path of added) {
      const folder = path.replace(/(\.cargo\/)?[^/]*$/, '');
      if (assets.some((asset) => asset.path.startsWith(folder))) jail.remove(path);
    }
  });
}

/** Build files keep what an answer adds to them, but for how tests are run. */
function restoreSettings(to: string, base: string, files: readonly TreeFile[]): void {
  const paths = files.filter(({ path, link }) => link === undefined && holdsTestSettings(path));
  for (const { path } of paths) {
    const now = readSmallText(to, path);
    if (now === undefined) continue;
    const kept = withBaseTestSettings(path, { before: readSmallText(base, path), now });
    if (kept === now) continue;
    inJail(to, (jail) => {
      if (kept === undefined) jail.remove(path);
      else jail.write(path, Buffer.from(kept));
    });
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

function inJail<T>(root: string, work: (jail: Jail) => T): T {
  const jail = openJail(root);
  try {
    return work(jail);
  } finally {
    jail.close();
  }
}
