import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { promisify } from 'node:util';

const AT_ONCE = 8;
const { O_RDONLY, O_WRONLY, O_NONBLOCK } = fs.constants;

/** One stream out of a sandbox. */
export interface Pipe {
  stream: net.Socket;
  /** For the child's stdio; closed by the owner once the child has it. */
  writeEnd: number;
  /** Gives the pipe back once the stream has ended and nobody holds the other end any more. */
  release(): void;
}

/**
 * Real pipes for stdout and stderr. Node's own are socket pairs, and `echo > /dev/stderr` fails on these with ENXIO. A
 * FIFO is empty again once all its ends are closed, so that the few of them are used over and over.
 */
export class PipePool {
  readonly #folder: string;
  readonly #free: string[] = [];

  constructor(folder: string) {
    fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
    this.#folder = folder;
    if (!process.listeners('exit').includes(removeFolders)) process.once('exit', removeFolders);
    folders.add(folder);
  }

  async acquire(): Promise<Pipe> {
    if (this.#free.length === 0) await this.#make();
    const fifo = this.#free.pop();
    if (fifo === undefined) return this.acquire();
    const readEnd = fs.openSync(fifo, O_RDONLY | O_NONBLOCK);
    const writeEnd = fs.openSync(fifo, O_WRONLY);
    const stream = new net.Socket({ fd: readEnd, readable: true, writable: false });
    return { stream, writeEnd, release: () => this.#free.push(fifo) };
  }

  close(): void {
    folders.delete(this.#folder);
    fs.rmSync(this.#folder, { recursive: true, force: true });
  }

  async #make(): Promise<void> {
    const names = Array.from({ length: AT_ONCE }, () =>
      path.join(this.#folder, randomBytes(6).toString('hex')),
    );
    // A tool that opens /dev/stderr anew does so as another user than us; the folder keeps everybody else away.
    await promisify(execFile)('mkfifo', ['-m', '622', ...names]);
    this.#free.push(...names);
  }
}

/** Folders of open pools: a process that ends takes them along. */
const folders = new Set<string>();

function removeFolders(): void {
  for (const folder of folders) fs.rmSync(folder, { recursive: true, force: true });
}
