import { randomUUID } from 'node:crypto';
import { expireTasks, sweep } from '../app/sweep.ts';
import { Refusal } from '../kernel/errors.ts';
import type { TaskId } from '../kernel/ids.ts';
import type { Claim } from '../store/claim.ts';
import { announce } from './announce.ts';
import { type Attempt, startAttempt } from './attempt.ts';
import { WorkerDraining } from './endings.ts';
import { every } from './every.ts';
import { removeFinishedFolders } from './leftovers.ts';
import { takePatchRequests } from './patchRequests.ts';
import { pause } from './pause.ts';
import { takeWaiting } from './takeWaiting.ts';
import type { WorkerDeps } from './workerDeps.ts';

const RECEIVE_SECONDS = 20;
const RETRY_MS = 1_000;
const SWEEP_MS = 1_000;
/** However busy the slots are: an apply takes moments, and somebody waits for it. */
const PATCH_REQUESTS_MS = 1_000;
const ANNOUNCE_MS = 5_000;
const REFRESH_MODELS_MS = 30_000;
/** How long a model can be there before a task that waits for it is taken. */
const WAITING_MS = 2_000;
const EXPIRE_MS = 3_600_000;

export interface Worker {
  /**
   * Takes nothing new, lets what runs finish for `graceMs`, then stops it and hands it back. Resolves when no process
   * of any task is left.
   */
  stop(graceMs: number): Promise<void>;
}

/** Takes tasks as long as it lives: rung by the queue, or straight from the table when a slot gets free. */
export async function startWorker(deps: WorkerDeps): Promise<Worker> {
  const worker = new RunningWorker(deps);
  await worker.start();
  return worker;
}

class RunningWorker implements Worker {
  readonly #deps: WorkerDeps;
  readonly #attempts = new Set<Attempt>();
  readonly #receiving = new AbortController();
  readonly #draining = new AbortController();
  #claiming: Promise<void> = Promise.resolve();
  #slotFreed = Promise.withResolvers<void>();
  #loops: { stop(): Promise<void> }[] = [];
  #received: Promise<void> = Promise.resolve();
  #watch: { close(): Promise<void> } | undefined;

  constructor(deps: WorkerDeps) {
    this.#deps = deps;
  }

  async start(): Promise<void> {
    const deps = this.#deps;
    await removeFinishedFolders(deps);
    this.#watch = await deps.watchTasks((id) => {
      for (const attempt of this.#attemptsAt(id)) attempt.poke();
    });
    const onError = (what: string) => (error: unknown) =>
      deps.telemetry.logger.warn(`${what} failed`, { error: String(error) });
    const running = () => this.#attempts.size;
    const { signal } = this.#receiving;
    this.#loops = [
      every(SWEEP_MS, async () => void (await sweep(deps)), onError('the sweep')),
      every(PATCH_REQUESTS_MS, () => takePatchRequests(deps), onError('the look for requests')),
      every(EXPIRE_MS, () => expireTasks(deps), onError('the clean-up')),
      every(ANNOUNCE_MS, () => announce(deps, running()), onError('the announcement')),
      every(
        WAITING_MS,
        () => this.#takeWaiting(),
        onError('the look for models that are waited for'),
      ),
      every(REFRESH_MODELS_MS, () => deps.models.refresh(signal), onError('the look for models')),
    ];
    this.#received = this.#receive();
  }

  async stop(graceMs: number): Promise<void> {
    this.#receiving.abort();
    await this.#received;
    await this.#claiming;
    const finished = Promise.all([...this.#attempts].map((attempt) => attempt.done));
    const timer = setTimeout(() => this.#draining.abort(new WorkerDraining()), graceMs);
    await finished;
    clearTimeout(timer);
    await Promise.all(this.#loops.map((loop) => loop.stop()));
    await this.#watch?.close();
    await this.#withdraw();
  }

  /** Whoever cannot be told sees the announcement run out. */
  async #withdraw(): Promise<void> {
    const { presence, workerId, telemetry } = this.#deps;
    try {
      await presence.withdraw(workerId);
    } catch (error) {
      if (!(error instanceof Refusal && error.kind === 'unavailable')) throw error;
      telemetry.logger.warn('the worker could not be withdrawn', { error: String(error) });
    }
  }

  get #free(): number {
    return this.#deps.config.workerConcurrency - this.#attempts.size;
  }

  async #receive(): Promise<void> {
    const { signal } = this.#receiving;
    while (!signal.aborted) {
      try {
        if (this.#free === 0) await this.#whenSlotFree(signal);
        else await this.#takeSome(signal);
      } catch (error) {
        this.#deps.telemetry.logger.warn('no work could be taken', { error: String(error) });
        await pause(RETRY_MS, signal);
      }
    }
  }

  /** The table first, so that the ring never bounds the drain; the bell only when the table has nothing. */
  async #takeSome(signal: AbortSignal): Promise<void> {
    const { store, doorbell } = this.#deps;
    const claimed = await this.#claim((limit) =>
      store.claimNext({ ...this.#claimOptions(), limit }),
    );
    if (claimed !== 0) return;
    const waitSeconds = RECEIVE_SECONDS;
    const rungs = await doorbell.receive({ max: Math.min(10, this.#free), waitSeconds, signal });
    const heard: string[] = [];
    for (const rung of rungs) {
      if (rung.ring === undefined) continue; // Unreadable: the redrive policy moves it to the dead letters.
      const taken = await this.#claimOne(rung.ring.taskId);
      if (taken === undefined) continue; // Left to be heard by somebody else when it becomes visible again.
      heard.push(rung.receipt);
      if (taken === 0) await takePatchRequests(this.#deps);
    }
    if (heard.length > 0) await doorbell.delete(heard);
  }

  /** Tasks that wait for a model are claimed by who has one for them. */
  async #takeWaiting(): Promise<void> {
    const { signal } = this.#receiving;
    if (this.#free === 0 || signal.aborted) return;
    await takeWaiting(
      this.#deps,
      async (taskId) => (await this.#claimOne(taskId, { evenIfWaiting: true })) !== undefined,
      signal,
    );
  }

  #claimOne(taskId: TaskId, how: { evenIfWaiting?: boolean } = {}): Promise<number | undefined> {
    return this.#claim(async () => {
      const claim = await this.#deps.store.claimTask({ ...this.#claimOptions(), ...how, taskId });
      return claim === undefined ? [] : [claim];
    });
  }

  /**
   * Starts what `take` claims, at most as much as there are free slots; one claim at a time, so that no slot is given away
   * twice. Resolves with how many were started, with undefined when no slot is free, or the worker takes nothing more.
   */
  async #claim(take: (free: number) => Promise<Claim[]>): Promise<number | undefined> {
    const before = this.#claiming;
    const done = Promise.withResolvers<void>();
    this.#claiming = done.promise;
    await before;
    try {
      if (this.#free === 0 || this.#receiving.signal.aborted) return undefined;
      const claims = await take(this.#free);
      for (const claim of claims) this.#startAttempt(claim);
      return claims.length;
    } finally {
      done.resolve();
    }
  }

  #claimOptions() {
    const { leaseMs, maxAttempts } = this.#deps.config;
    return { owner: this.#deps.workerId, leaseMs, maxAttempts };
  }

  #startAttempt(claim: Claim): void {
    const draining = this.#draining.signal;
    // A task may come back to the worker that has lost it: its folders still belong to that run.
    const before = Promise.all(this.#attemptsAt(claim.taskId).map(({ done }) => done));
    const attempt = startAttempt(this.#deps, claim, { draining, before });
    this.#attempts.add(attempt);
    void attempt.done.then(() => {
      this.#attempts.delete(attempt);
      this.#slotFreed.resolve();
    });
  }

  #attemptsAt(id: string): Attempt[] {
    return [...this.#attempts].filter(({ taskId }) => taskId === id);
  }

  async #whenSlotFree(signal: AbortSignal): Promise<void> {
    this.#slotFreed = Promise.withResolvers<void>();
    if (this.#free > 0) return;
    const stopped = () => this.#slotFreed.resolve();
    signal.addEventListener('abort', stopped, { once: true });
    await this.#slotFreed.promise;
    signal.removeEventListener('abort', stopped);
  }
}

/** Unique per process start: a restarted worker is another holder of leases. */
export function newWorkerId(host: string): string {
  return `${host}-${process.pid}-${randomUUID().slice(0, 8)}`;
}
