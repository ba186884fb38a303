import type { AppDeps } from '../app/app.ts';
import type { VramProbe } from '../gpu/gpu.ts';
import type { EpochMs } from '../kernel/clock.ts';
import type { ModelProvider } from '../llm/llm.ts';
import type { ModelCard } from '../models/card.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';
import type { Source } from '../source/source.ts';
import type { ServerTrouble } from '../task/serverTrouble.ts';
import type { Speeds } from './speeds.ts';

/** The models that this worker can call now. */
export interface CallableModels {
  cards(): ModelCard[];
  /** Servers that were asked at the last look and cannot be used. */
  troubles(): ServerTrouble[];
  /** The cards that may answer this goal: a recording only speaks to the goal it was made for. */
  candidatesFor(goal: string): ModelCard[];
  has(modelId: string): boolean;
  /** Throws when `has` is false. */
  providerFor(modelId: string): ModelProvider;
  /** Looks again which servers are up. */
  refresh(signal: AbortSignal): Promise<void>;
}

/** What the worker has beyond what the functions have: a place to execute and models to ask. */
export interface WorkerDeps extends AppDeps {
  workerId: string;
  startedAt: EpochMs;
  sandbox: Sandbox;
  /** Where code comes from that is not in the workspace. */
  source: Source;
  models: CallableModels;
  probe: VramProbe;
  speeds: Speeds;
  /** Where an apply keeps what it needs to be undone after a crash. */
  applyStateDir: string;
  /** Calls back with the id of every task that something happened to. */
  watchTasks(onTask: (taskId: string) => void): Promise<{ close(): Promise<void> }>;
}
