import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { MIB } from '../policy/limits.ts';
import type { Limits } from '../sandbox.ts';
import { errorCode } from '../workspace/deniedPath.ts';
import { isPopulated, ranOutOfMemory } from './delegation.ts';

const EMPTY_MS = 10_000;
const LOOK_MS = 5;

/** The control group of one run: the kernel holds its limits, and ends all of it at once. */
export class RunGroup {
  /** Open cgroup.procs: who writes 0 to it is in the group. */
  readonly procs: number;
  readonly #folder: string;

  /** Throws when a limit cannot be set: then nothing may run. */
  constructor(base: string, { memoryMiB, processes }: Pick<Limits, 'memoryMiB' | 'processes'>) {
    this.#folder = path.join(base, `run-${process.pid}-${randomBytes(6).toString('hex')}`);
    fs.mkdirSync(this.#folder);
    try {
      this.#set('memory.max', `${memoryMiB * MIB}`);
      // Without it what is over the limit would go to a swap space that the machine may have.
      if (fs.existsSync(this.#file('memory.swap.max'))) this.#set('memory.swap.max', '0');
      this.#set('memory.oom.group', '1');
      this.#set('pids.max', `${processes}`);
      this.procs = fs.openSync(this.#file('cgroup.procs'), fs.constants.O_WRONLY);
    } catch (error) {
      fs.rmdirSync(this.#folder);
      throw error;
    }
  }

  /** Whether its limit of memory has ended it. */
  get ranOutOfMemory(): boolean {
    return ranOutOfMemory(fs.readFileSync(this.#file('memory.events'), 'utf8'));
  }

  kill(): void {
    killGroup(this.#folder);
  }

  /** Ends what may be left, and takes the group away when nothing is. */
  async remove(): Promise<void> {
    fs.closeSync(this.procs);
    this.kill();
    const deadline = performance.now() + EMPTY_MS;
    while (isPopulated(fs.readFileSync(this.#file('cgroup.events'), 'utf8'))) {
      if (performance.now() > deadline) throw new Error(`${this.#folder} cannot be emptied`);
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
    fs.rmdirSync(this.#folder);
  }

  #file(name: string): string {
    return path.join(this.#folder, name);
  }

  #set(name: string, value: string): void {
    writeTo(this.#file(name), value);
  }
}

/** Linux before 5.14 has no cgroup.kill: there the guard of the run is alone. */
export function killGroup(folder: string): void {
  try {
    writeTo(path.join(folder, 'cgroup.kill'), '1');
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
  }
}

/** Into a file of the kernel: it is there or it is not, nothing makes it. */
export function writeTo(file: string, text: string): void {
  const descriptor = fs.openSync(file, fs.constants.O_WRONLY);
  try {
    fs.writeSync(descriptor, text);
  } finally {
    fs.closeSync(descriptor);
  }
}
