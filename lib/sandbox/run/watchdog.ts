import { MIB } from '../policy/limits.ts';
import type { Peak } from '../policy/stopped.ts';
import type { Limits, Termination } from '../sandbox.ts';
import { diskUsage } from './diskUsage.ts';
import { usageOf } from './processTree.ts';

const TICK_MS = 100;
/** At most this part of the time is spent on looking at the workspace. */
const WALKING_SHARE = 0.1;

/** Limits that no rlimit holds for a whole tree of processes. */
export class Watchdog {
  peakRssBytes = 0;
  readonly peak: Peak = { processes: 0, diskBytes: 0 };
  readonly #limits: Limits;
  readonly #workspace: number;
  readonly #onBreach: (why: Termination) => void;
  #timer: NodeJS.Timeout | undefined;
  #diskAtStart: number | undefined;
  #nextWalkAt = 0;
  #walking: Promise<void> = Promise.resolve();
  #isWalking = false;

  constructor(limits: Limits, workspace: number, onBreach: (why: Termination) => void) {
    this.#limits = limits;
    this.#workspace = workspace;
    this.#onBreach = onBreach;
  }

  /** `diskAtStart`: what the workspace holds before anything runs, in bytes. */
  watch(initPid: number, diskAtStart: number): void {
    this.#diskAtStart = diskAtStart;
    this.#tick(initPid);
    this.#timer = setInterval(() => this.#tick(initPid), TICK_MS);
  }

  /** To be called when the run is over: what grew since the last walk is seen as well. */
  async lastLook(): Promise<void> {
    clearInterval(this.#timer);
    await this.#walking;
    if (this.#diskAtStart !== undefined) await this.#walk();
  }

  /** Resolves when nothing looks at the workspace any more. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#walking;
  }

  #tick(initPid: number): void {
    const { processes, rssBytes, cpuMs } = usageOf(initPid);
    this.peak.processes = Math.max(this.peak.processes, processes);
    this.peakRssBytes = Math.max(this.peakRssBytes, rssBytes);
    if (rssBytes > this.#limits.memoryMiB * MIB) this.#onBreach('memory_limit');
    else if (cpuMs > this.#limits.cpuSeconds * 1000) this.#onBreach('cpu_limit');
    if (!this.#isWalking && performance.now() >= this.#nextWalkAt) this.#walking = this.#walk();
  }

  async #walk(): Promise<void> {
    this.#isWalking = true;
    const startedAt = performance.now();
    const grown = (await diskUsage(this.#workspace)) - (this.#diskAtStart ?? 0);
    this.#isWalking = false;
    this.peak.diskBytes = Math.max(this.peak.diskBytes, grown);
    const now = performance.now();
    this.#nextWalkAt = now + (now - startedAt) / WALKING_SHARE;
    if (grown > this.#limits.workspaceMiB * MIB) this.#onBreach('disk_limit');
  }
}
