import { Refusal } from '../kernel/errors.ts';
import type { EventSeq, TaskId } from '../kernel/ids.ts';
import { statusAfter, type TaskEvent } from '../task/event.ts';
import { isTerminal, type TaskStatus } from '../task/state.ts';
import type { EventBatch } from './events.ts';

/** Where a follower reads. Throws `Refusal('unavailable')` when the log cannot be reached just now. */
export interface LogReader {
  /** The next events, at most `limit`; the log is known to reach to `noticed` if that is beyond `seq`. */
  eventsAfter(place: LogPlace): Promise<readonly TaskEvent[]>;
  statusAt(taskId: TaskId, seq: EventSeq): Promise<TaskStatus>;
}

export interface LogPlace {
  taskId: TaskId;
  seq: EventSeq;
  noticed: number;
  limit: number;
}

interface FollowerTerms {
  reader: LogReader;
  taskId: TaskId;
  afterSeq: EventSeq;
  signal: AbortSignal;
}

const BATCH_LIMIT = 200;

/**
 * One reader's way along the log of one task. It looks at the start, when it is told that the log has grown past its
 * cursor, and when it is told to look again; otherwise it waits. An outage of the log is waited out.
 */
export class Follower {
  readonly taskId: TaskId;
  readonly #reader: LogReader;
  readonly #signal: AbortSignal;
  #cursor: EventSeq;
  #status: TaskStatus | undefined;
  /** The log reaches at least to here, as far as this follower was told. */
  #noticed: number;
  #mustLook = true;
  #stopped = false;
  #wake: (() => void) | undefined;
  #interrupt: (() => void) | undefined;

  constructor({ reader, taskId, afterSeq, signal }: FollowerTerms) {
    this.taskId = taskId;
    this.#reader = reader;
    this.#signal = signal;
    this.#cursor = afterSeq;
    this.#noticed = afterSeq;
    this.#status = afterSeq === 0 ? 'queued' : undefined;
  }

  /** The log has grown to `seq`, or further. */
  notice(seq: number): void {
    this.#noticed = Math.max(this.#noticed, seq);
    if (this.#hasReason()) this.#wake?.();
  }

  lookAgain(): void {
    this.#mustLook = true;
    this.#wake?.();
  }

  /** Ends the batches, whatever they wait for. */
  stop = (): void => {
    this.#stopped = true;
    this.#wake?.();
    this.#interrupt?.();
  };

  async *batches(): AsyncGenerator<EventBatch, void, void> {
    if (this.#signal.aborted) return;
    this.#signal.addEventListener('abort', this.stop);
    try {
      while (!this.#stopped) {
        if (!this.#hasReason()) await this.#untilWoken();
        const batch = await this.#unlessStopped(() => this.#look());
        if (batch === undefined) continue;
        yield batch;
        if (batch.ended) return;
      }
    } finally {
      this.#signal.removeEventListener('abort', this.stop);
    }
  }

  #hasReason(): boolean {
    return this.#mustLook || this.#noticed > this.#cursor;
  }

  async #look(): Promise<EventBatch | undefined> {
    const noticed = this.#noticed;
    this.#mustLook = false;
    try {
      this.#status ??= await this.#reader.statusAt(this.taskId, this.#cursor);
      const place = { taskId: this.taskId, seq: this.#cursor, noticed, limit: BATCH_LIMIT };
      const events = await this.#reader.eventsAfter(place);
      return this.#advance(events, this.#status, noticed);
    } catch (error) {
      if (!(error instanceof Refusal && error.kind === 'unavailable')) throw error;
      this.#mustLook = true;
      await this.#untilWoken();
      return undefined;
    }
  }

  #advance(
    events: readonly TaskEvent[],
    before: TaskStatus,
    noticed: number,
  ): EventBatch | undefined {
    const last = events.at(-1);
    this.#status = events.reduce((status, event) => statusAfter(event, status), before);
    const mayGoOn = events.length === BATCH_LIMIT;
    if (last !== undefined) this.#cursor = last.seq as EventSeq;
    else if (this.#noticed === noticed) this.#noticed = this.#cursor;
    this.#mustLook ||= mayGoOn;
    const ended = !mayGoOn && isTerminal(this.#status);
    return events.length > 0 || ended ? { events: [...events], ended } : undefined;
  }

  async #untilWoken(): Promise<void> {
    if (this.#stopped) return;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    this.#wake = undefined;
  }

  /** Undefined as soon as the follower is stopped; what was under way then ends unheard. */
  async #unlessStopped<T>(work: () => Promise<T>): Promise<T | undefined> {
    if (this.#stopped) return undefined;
    const interrupted = new Promise<undefined>((resolve) => {
      this.#interrupt = () => resolve(undefined);
    });
    const outcome = await Promise.race([work(), interrupted]);
    this.#interrupt = undefined;
    return outcome;
  }
}
