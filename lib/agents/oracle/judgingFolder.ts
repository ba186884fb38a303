import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { copyTree } from '../../sandbox/workspace/copy.ts';
import { DeniedPath, errorCode } from '../../sandbox/workspace/deniedPath.ts';
import { removeTree } from '../../sandbox/workspace/removeTree.ts';
import { removeAdded, type Stamps, stampsOf } from '../../sandbox/workspace/stamps.ts';
import { hashOfFiles, type TreeFile } from '../../sandbox/workspace/tree.ts';
import { inJail, OwnCopy } from './ownCopy.ts';

interface Source {
  /** The tree to copy; it is only read. */
  tree: string;
  /** What it holds. */
  files: readonly TreeFile[];
  signal: AbortSignal;
}

interface Sealed {
  files: readonly TreeFile[];
  stamps: Stamps;
}

const COPY_LIMITS = { maxFiles: 100_000, maxBytes: 4 * 1024 ** 3 };
/** With more to bring over than this, a new copy is as quick. */
const MOST_CHANGES = 500;
const MAX_FILE = 64 * 1024 * 1024;

/**
 * Where the oracles of one run judge, one after the other. To make and remove a copy of a large repository for each of
 * them takes longer than most tools do, so that the copy is used again where tools have only added to it. A file that a
 * tool has touched ends that: its copy is made anew. Either way all of it is read before the next tool runs.
 */
export class JudgingFolder {
  readonly #root: string;
  #sealed: Sealed | undefined;

  private constructor(root: string) {
    this.#root = root;
  }

  static async open(scratchDir: string): Promise<JudgingFolder> {
    return new JudgingFolder(await mkdtemp(join(scratchDir, 'judged-')));
  }

  /** A copy of the tree, in which no tool has run since. The copy before is gone. */
  async fill(source: Source): Promise<OwnCopy> {
    const sealed = this.#sealed;
    this.#sealed = undefined;
    const again = sealed && (await this.#refill(sealed, source));
    if (again !== undefined) return again;
    await removeTree(this.#root);
    const { tree, signal } = source;
    await copyTree({ from: tree, to: this.#root, exclude: [], signal, ...COPY_LIMITS });
    return OwnCopy.open(this.#root);
  }

  /** To be told what the copy holds when a tool is about to run in it. */
  async seal(files: readonly TreeFile[]): Promise<void> {
    this.#sealed = { files, stamps: await stampsOf(this.#root) };
  }

  close(): Promise<void> {
    return removeTree(this.#root);
  }

  async #refill(sealed: Sealed, source: Source): Promise<OwnCopy | undefined> {
    source.signal.throwIfAborted();
    const changes = changesOf(sealed.files, source.files);
    if (changes === undefined) return undefined;
    try {
      if (!(await removeAdded(this.#root, sealed.stamps))) return undefined;
      this.#bringOver(source.tree, changes);
      const copy = await OwnCopy.open(this.#root);
      return hashOfFiles(copy.original) === hashOfFiles(source.files) ? copy : undefined;
    } catch (error) {
      // A tool can leave what cannot be looked at, or nothing can be put in place of: a new copy is free of it.
      if (error instanceof DeniedPath || errorCode(error) !== undefined) return undefined;
      throw error;
    }
  }

  #bringOver(tree: string, { gone, other }: Changes): void {
    inJail(tree, (from) =>
      inJail(this.#root, (to) => {
        for (const { path } of gone) to.remove(path);
        for (const { path, mode } of other) to.write(path, from.read(path, MAX_FILE), mode);
      }),
    );
  }
}

interface Changes {
  gone: TreeFile[];
  other: TreeFile[];
}

/** What is to be done to have `now` in place of `then`; undefined when that is too much, or has to do with links. */
function changesOf(then: readonly TreeFile[], now: readonly TreeFile[]): Changes | undefined {
  const [before, after] = [new Map(then.map(named)), new Map(now.map(named))];
  const gone = then.filter(({ path }) => !after.has(path));
  const other = now.filter((file) => !isSame(before.get(file.path), file));
  const all = [...gone, ...other, ...other.flatMap(({ path }) => before.get(path) ?? [])];
  if (all.length > MOST_CHANGES || all.some(({ link }) => link !== undefined)) return undefined;
  return { gone, other };
}

function named(file: TreeFile): [string, TreeFile] {
  return [file.path, file];
}

function isSame(a: TreeFile | undefined, b: TreeFile): boolean {
  return a?.sha256 === b.sha256 && a.mode === b.mode && a.link === b.link;
}
