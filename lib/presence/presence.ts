import type { GpuReading } from '../gpu/gpu.ts';
import type { EpochMs } from '../kernel/clock.ts';
import type { ModelCard } from '../models/card.ts';
import type { SandboxStatus } from '../sandbox/sandbox.ts';

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
  sandbox: Omit<SandboxStatus, 'proved'>;
  /** Toolchains found, for example `{ java: "17.0.15" }`. */
  toolchains: Record<string, string>;
}

/** Short-lived facts. Expiry is tested at every read: deletion by TTL lags. */
export interface Presence {
  /** Writes or renews the record; it counts as alive for `ttlMs`. */
  announce(record: WorkerRecord, ttlMs: number): Promise<void>;
  withdraw(workerId: string): Promise<void>;
  liveWorkers(): Promise<WorkerRecord[]>;
  /** Counts one use of `key` in the current window; `remaining` is 0 when the limit is reached or passed. */
  countUse(key: string, limit: number, windowMs: number): Promise<RateWindow>;
  close(): void;
}

export interface RateWindow {
  used: number;
  remaining: number;
  resetsAt: EpochMs;
}
