import {
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import * as z from 'zod';
import { Complaint } from '../complaint.ts';
import { EXIT } from '../exitCode.ts';

/** What is needed to go on with a file that was cut: the same address, and the same version behind it. */
const Origin = z.object({
  url: z.string(),
  etag: z.string().optional(),
  total: z.int().optional(),
});
export type Origin = z.infer<typeof Origin>;

/** A file on its way: `<file>.part` beside its place, what is known of its origin, and a lock. */
export class PartialFile {
  readonly path: string;
  readonly #file: string;
  readonly #url: string;

  constructor(file: string, url: string) {
    this.#file = file;
    this.#url = url;
    this.path = `${file}.part`;
  }

  /** Refuses when another process fetches the same file; drops what came from another address. */
  claim(): void {
    mkdirSync(dirname(this.#file), { recursive: true });
    takeLock(this.#lock, this.#file);
    if (this.origin?.url !== this.#url) this.discard();
  }

  release(): void {
    rmSync(this.#lock, { force: true });
  }

  get bytes(): number {
    return existsSync(this.path) ? statSync(this.path).size : 0;
  }

  get origin(): Origin | undefined {
    if (!existsSync(this.#notes)) return undefined;
    const read = Origin.safeParse(parsed(readFileSync(this.#notes, 'utf8')));
    return read.success ? read.data : undefined;
  }

  note(origin: Omit<Origin, 'url'>): void {
    writeFileSync(this.#notes, JSON.stringify({ url: this.#url, ...origin }));
  }

  openToAppend(): Promise<FileHandle> {
    return open(this.path, 'a');
  }

  discard(): void {
    rmSync(this.path, { force: true });
    rmSync(this.#notes, { force: true });
  }

  /** Puts the whole file in its place, at once. */
  finish(): void {
    renameSync(this.path, this.#file);
    rmSync(this.#notes, { force: true });
  }

  get #notes(): string {
    return `${this.path}.json`;
  }

  get #lock(): string {
    return `${this.path}.lock`;
  }
}

function takeLock(lock: string, file: string): void {
  const own = `${lock}.${process.pid}`;
  writeFileSync(own, String(process.pid));
  try {
    // A link is made or not made, and never seen empty.
    for (let tries = 0; !linked(own, lock); tries++) {
      const holder = Number(existsSync(lock) ? readFileSync(lock, 'utf8') : '');
      if (tries === 3 || isAlive(holder)) throw taken(file, holder);
      rmSync(lock, { force: true });
    }
  } finally {
    unlinkSync(own);
  }
}

function linked(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (cause) {
    if (codeOf(cause) === 'EEXIST') return false;
    throw cause;
  }
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (cause) {
    if (codeOf(cause) === 'ESRCH') return false;
    if (codeOf(cause) === 'EPERM') return true;
    throw cause;
  }
}

function taken(file: string, holder: number): Complaint {
  return new Complaint(EXIT.rejected, {
    what: `${file} is being fetched already`,
    why: [`process ${holder} holds ${file}.part`],
    next: 'wait for it, or end that process and try again',
  });
}

export function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error && 'code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    if (cause instanceof SyntaxError) return undefined;
    throw cause;
  }
}
