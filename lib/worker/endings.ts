import type { EpochMs } from '../kernel/clock.ts';

/** Why a run was stopped from outside. The first reason is kept: it is the abort reason of the run's signal. */
export class CancelRequested extends Error {
  constructor() {
    super('the task was cancelled');
    this.name = 'CancelRequested';
  }
}

/** Another worker holds the task now, or may: nothing more may be written. */
export class LeaseLost extends Error {
  constructor() {
    super('the lease of the task was lost');
    this.name = 'LeaseLost';
  }
}

export class WorkerDraining extends Error {
  constructor() {
    super('the worker is shutting down');
    this.name = 'WorkerDraining';
  }
}

/** No model can take the task now: it goes back to the queue, and holds no slot until one can, or until `wakeAt`. */
export class WaitsForModel extends Error {
  readonly wakeAt: EpochMs;

  constructor(why: string, wakeAt: EpochMs) {
    super(why);
    this.name = 'WaitsForModel';
    this.wakeAt = wakeAt;
  }
}

export class DeadlineReached extends Error {
  constructor(latencyMs: number) {
    super(`the time budget of ${latencyMs} ms is used up`);
    this.name = 'DeadlineReached';
  }
}
