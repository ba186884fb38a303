import type { GpuReading } from '../gpu/gpu.ts';
import type { EpochMs } from '../kernel/clock.ts';
import type { ModelCard } from '../models/card.ts';
import type { SandboxStatus } from '../sandbox/sandbox.ts';
import type { ServerTrouble } from '../task/serverTrouble.ts';

/** What a live worker tells of itself. */
export interface WorkerRecord {
  workerId: string;
  host: string;
  pid: number;
  startedAt: EpochMs;
  concurrency: number;
  running: number;
  gpu: GpuReading;
  /** The models that this worker can call now. */
  models: ModelCard[];
  /** Model servers that it asked and cannot use. */
  troubles?: ServerTrouble[] | undefined;
  sandbox: Omit<SandboxStatus, 'proved'>;
  /** Toolchains found, for example `{ java: "17.0.15" }`. */
  toolchains: Record<string, string>;
  /** Tokens a second that its models were measured to write, by the id of the model. */
  speeds?: Record<string, number> | undefined;
}

/** A GPU as its host's probe saw it last. */
export interface GpuRoom {
  host: string;
  /** As in `Gpu.id`: unique on the host. */
  id: string;
  totalMiB: number;
  /** What is free now; memory that is leased and not yet used is in it. */
  freeMiB: number;
}

export interface GpuClaim {
  gpu: GpuRoom;
  /** Id of the worker. */
  holder: string;
  model: string;
  mib: number;
}

/** A part of a GPU's memory that one holder may fill. `fence` grows with every lease of that GPU, and names this one. */
export interface GpuLease {
  host: string;
  gpuId: string;
  fence: number;
  holder: string;
  model: string;
  mib: number;
}

export type GpuAnswer =
  | { kind: 'taken'; lease: GpuLease }
  /** `roomMiB`: what could still be had; never negative. */
  | { kind: 'full'; roomMiB: number; leases: GpuLease[] };

export interface MeasuredSpeed {
  tokensPerSecond: number;
  measuredAt: EpochMs;
}

/** Short-lived facts. Expiry is tested at every read: deletion by TTL lags. */
export interface Presence {
  /** Writes or renews the record; it counts as alive for `ttlMs`. */
  announce(record: WorkerRecord, ttlMs: number): Promise<void>;
  withdraw(workerId: string): Promise<void>;
  liveWorkers(): Promise<WorkerRecord[]>;
  /** Counts one use of `key` in the current window; `remaining` is 0 when the limit is reached or passed. */
  countUse(key: string, limit: number, windowMs: number): Promise<RateWindow>;
  /**
   * Leases memory of a GPU for `ttlMs`. However many ask at once: what the live leases of a GPU have together is never
   * more than its memory, and what they have still to load never more than what is free.
   */
  takeGpu(claim: GpuClaim, ttlMs: number): Promise<GpuAnswer>;
  /** What could be had of a GPU now; never negative. */
  gpuRoom(gpu: GpuRoom): Promise<{ roomMiB: number; leases: GpuLease[] }>;
  /** `lost`: it lapsed, and others may have the memory. `loaded`: the model lies in memory, so it is no longer free. */
  renewGpu(lease: GpuLease, ttlMs: number, loaded: boolean): Promise<'held' | 'lost'>;
  /** Idempotent; a lease that is lost is nobody's to give back. */
  returnGpu(lease: GpuLease): Promise<void>;
  /** The live leases of a GPU, the oldest first. */
  gpuLeases(host: string, gpuId: string): Promise<GpuLease[]>;
  /** Keeps the speed of a model on a host, over restarts of its workers. */
  keepSpeed(host: string, model: string, speed: MeasuredSpeed): Promise<void>;
  speedsOf(host: string): Promise<Record<string, MeasuredSpeed>>;
  close(): void;
}

export interface RateWindow {
  used: number;
  remaining: number;
  resetsAt: EpochMs;
}
