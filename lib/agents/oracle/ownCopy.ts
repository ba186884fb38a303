import { type Jail, openJail } from '../../sandbox/workspace/jail.ts';
import { listTree, relistTree, type TreeFile } from '../../sandbox/workspace/tree.ts';

/**
 * A copy that is written by us alone, until a tool runs in it. It is read once: what was read stays true but for the
 * files that were written here, and those are read again at the end.
 */
export class OwnCopy {
  readonly root: string;
  readonly #read: readonly TreeFile[];
  readonly #links: ReadonlySet<string>;
  readonly #present: Set<string>;
  readonly #written = new Set<string>();
  readonly #removed = new Set<string>();

  private constructor(root: string, read: readonly TreeFile[]) {
    this.root = root;
    this.#read = read;
    this.#links = new Set(read.flatMap(({ path, link }) => (link === undefined ? [] : [path])));
    this.#present = new Set(read.map(({ path }) => path));
  }

  static async open(root: string): Promise<OwnCopy> {
    return new OwnCopy(root, await listTree(root));
  }

  /** As they were when the copy was opened. */
  get original(): readonly TreeFile[] {
    return this.#read;
  }

  /** What is there by now, links included. */
  get paths(): string[] {
    return [...this.#present];
  }

  get plainPaths(): string[] {
    return this.paths.filter((path) => !this.#links.has(path));
  }

  write(files: readonly { path: string; content: () => Uint8Array }[]): void {
    inJail(this.root, (jail) => {
      for (const { path, content } of files) {
        jail.write(path, content());
        this.#present.add(path);
        this.#removed.delete(path);
        this.#written.add(path);
      }
    });
  }

  remove(paths: readonly string[]): void {
    inJail(this.root, (jail) => {
      for (const path of paths) {
        jail.remove(path);
        this.#present.delete(path);
        this.#written.delete(path);
        this.#removed.add(path);
      }
    });
  }

  /** What the copy holds now, by path. */
  list(): Promise<TreeFile[]> {
    return relistTree(this.root, {
      files: this.#read,
      written: this.#written,
      removed: this.#removed,
    });
  }
}

export function inJail<T>(root: string, work: (jail: Jail) => T): T {
  const jail = openJail(root);
  try {
    return work(jail);
  } finally {
    jail.close();
  }
}
