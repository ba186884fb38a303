import fs from 'node:fs';
import { copyFile } from 'node:fs/promises';
import path from 'node:path';
import picomatch from 'picomatch';
import { inside, openFile } from './beneath.ts';
import { DeniedPath } from './deniedPath.ts';
import { type Entry, entries } from './entries.ts';
import { removeTree } from './removeTree.ts';

export interface CopyRequest {
  /** Absolute; not a link. */
  from: string;
  /** Absolute; missing or an empty folder. */
  to: string;
  /** Globs of paths relative to `from`; dots match as any character. */
  exclude: readonly string[];
  maxFiles: number;
  maxBytes: number;
  signal: AbortSignal;
}

/** Enough to keep the threads of libuv busy while the walk goes on. */
const COPIES_AT_ONCE = 16;
const { COPYFILE_EXCL, COPYFILE_FICLONE } = fs.constants;

/**
 * Copies a tree for a task: modes and links that stay inside the tree are kept, `.git` is left out at any depth, blocks
 * are shared with the original where the file system can (reflink). Counts are of plain files.
 * Throws DeniedPath at what no copy may hold (a link out of the tree, a socket, a FIFO, a device) and when there is more
 * than `maxFiles` or `maxBytes`; the abort reason when the signal fires. After any throw `to` is gone.
 */
export async function copyTree(request: CopyRequest): Promise<{ files: number; bytes: number }> {
  fs.mkdirSync(request.to, { recursive: true });
  if (fs.readdirSync(request.to).length > 0)
    throw new Error(`cannot copy a tree into ${request.to}: the folder is not empty`);
  const copy = new TreeCopy(request);
  try {
    await copy.run();
  } catch (error) {
    await copy.settled();
    await removeTree(request.to);
    throw error;
  }
  return { files: copy.files, bytes: copy.bytes };
}

class TreeCopy {
  files = 0;
  bytes = 0;
  readonly #request: CopyRequest;
  readonly #running = new Set<Promise<void>>();
  #failure: unknown;

  constructor(request: CopyRequest) {
    this.#request = request;
  }

  async run(): Promise<void> {
    const { from, exclude, signal } = this.#request;
    const excluded = picomatch([...exclude], { dot: true });
    const skip = (relative: string) => excluded(relative) || excluded(`${relative}/`);
    const walk = entries(from, { skip: exclude.length > 0 ? skip : undefined, signal });
    for await (const entry of walk) {
      this.#take(entry);
      while (this.#running.size >= COPIES_AT_ONCE) await Promise.race(this.#running);
      if (this.#failure !== undefined) throw this.#failure;
    }
    await this.settled();
    if (this.#failure !== undefined) throw this.#failure;
  }

  async settled(): Promise<void> {
    await Promise.all(this.#running);
  }

  #take(entry: Entry): void {
    const destination = path.join(this.#request.to, entry.path);
    const source = inside(entry.place.directory, entry.name);
    if (entry.kind === 'link') fs.symlinkSync(entry.target, destination);
    else if (entry.kind === 'file') this.#copyFile(entry, destination);
    // Our own user must be able to fill it.
    else fs.mkdirSync(destination, (fs.lstatSync(source).mode & 0o777) | 0o700);
  }

  #copyFile(entry: Entry, destination: string): void {
    const { file, stats } = openFile(entry.place, entry.name);
    this.files++;
    this.bytes += stats.size;
    const { maxFiles, maxBytes } = this.#request;
    if (this.files > maxFiles || this.bytes > maxBytes) {
      fs.closeSync(file);
      throw this.#tooMuch(entry);
    }
    const work = copyOpened(file, destination, stats.mode)
      .catch((error: unknown) => {
        this.#failure ??= error;
      })
      .finally(() => this.#running.delete(work));
    this.#running.add(work);
  }

  #tooMuch(entry: Entry): DeniedPath {
    const { maxFiles, maxBytes, from } = this.#request;
    const found = this.files > maxFiles ? `${maxFiles} files` : `${maxBytes} bytes`;
    const reason = `the tree holds more than ${found}: exclude what the task does not need`;
    return new DeniedPath({ path: entry.path, target: path.join(from, entry.path), reason });
  }
}

/** Copies from the descriptor, so that what was checked is what is copied. */
async function copyOpened(file: number, destination: string, mode: number): Promise<void> {
  try {
    await copyFile(`/proc/self/fd/${file}`, destination, COPYFILE_EXCL | COPYFILE_FICLONE);
    if ((mode & 0o7000) !== 0) fs.chmodSync(destination, mode & 0o777);
  } finally {
    fs.closeSync(file);
  }
}
