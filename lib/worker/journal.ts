import type { Journal, StepDefinition, StepOutcome } from '../agents/journal.ts';
import { hashOf } from '../kernel/canonicalJson.ts';
import type { Clock } from '../kernel/clock.ts';
import { restoreTree } from '../sandbox/workspace/patch.ts';
import type { Claim } from '../store/claim.ts';
import type { StepRecord } from '../store/journal.ts';
import type { Store } from '../store/store.ts';
import type { Denial } from '../task/audit.ts';
import type { EventData, NewEvent } from '../task/event.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { LeaseLost } from './endings.ts';
import type { TaskFolders } from './folders.ts';

interface JournalOptions {
  store: Store;
  claim: Claim;
  /** Part of every step's input hash: steps made on another base are stale. */
  baseTreeHash: string;
  folders: TaskFolders;
  clock: Clock;
  telemetry: Telemetry;
  signal: AbortSignal;
}

type Finished = EventData<'step.finished'>;

/** The journal of one attempt, over the steps that earlier attempts recorded. */
export class AttemptJournal implements Journal {
  readonly #options: JournalOptions;
  readonly #recorded: Map<string, StepRecord>;

  private constructor(options: JournalOptions, records: StepRecord[]) {
    this.#options = options;
    this.#recorded = new Map(records.map((record) => [record.key, record]));
  }

  static async open(options: JournalOptions): Promise<AttemptJournal> {
    return new AttemptJournal(options, await options.store.loadSteps(options.claim.taskId));
  }

  async emit(event: NewEvent): Promise<void> {
    this.#options.signal.throwIfAborted();
    await this.#tell(event);
  }

  async #tell(event: NewEvent): Promise<void> {
    const { store, claim } = this.#options;
    const { taskId, fence } = claim;
    const seq = await store.appendEvents({ taskId, fence, events: [event] });
    if (seq === undefined) throw new LeaseLost();
  }

  async deny(denials: readonly Denial[]): Promise<void> {
    if (denials.length === 0) return;
    const { store, claim } = this.#options;
    const { taskId, fence } = claim;
    const seq = await store.appendDenials({ taskId, fence, denials });
    if (seq === undefined) throw new LeaseLost();
  }

  async step<T>(definition: StepDefinition<T>): Promise<T> {
    const output = await this.lastStep(definition);
    this.#options.signal.throwIfAborted();
    return output;
  }

  /**
   * A step after which nothing is left to do but to end the run. What it has done outside is done: stopped meanwhile, it
   * still comes to its end, so that the run can tell of it.
   */
  async lastStep<T>(definition: StepDefinition<T>): Promise<T> {
    this.#options.signal.throwIfAborted();
    const inputHash = hashOf({ base: this.#options.baseTreeHash, input: definition.input });
    const earlier = this.#recorded.get(definition.key);
    if (earlier?.inputHash === inputHash) return this.#replay<T>(earlier);
    if (earlier !== undefined) await this.forgetFrom(earlier.key);
    return this.#run(definition, inputHash);
  }

  /** Drops a step and what came after it: all of that was built on it. */
  async forgetFrom(key: string): Promise<void> {
    const ordinal = this.#recorded.get(key)?.ordinal;
    if (ordinal === undefined) return;
    const { store, claim } = this.#options;
    await store.dropStepsFrom({ taskId: claim.taskId, fence: claim.fence, ordinal });
    for (const record of [...this.#recorded.values()]) {
      if (record.ordinal >= ordinal) this.#recorded.delete(record.key);
    }
  }

  async #replay<T>(record: StepRecord): Promise<T> {
    const { base, work } = this.#options.folders;
    if (record.patch !== null) await restoreTree({ base, work, patch: record.patch });
    const { key, ms, tokens } = record;
    await this.#tell(finished({ step: key, outcome: 'replayed', ms, tokens }));
    return record.output as T;
  }

  async #run<T>(definition: StepDefinition<T>, inputHash: string): Promise<T> {
    const { claim, clock, telemetry } = this.#options;
    const { key, title } = definition;
    await this.emit({ type: 'step.started', data: { step: key, title } });
    const kind = key.replace(/\.\d+$/, '');
    const started = clock.now();
    const outcome = await telemetry.tracer.span(
      `step ${kind}`,
      { attributes: { 'task.id': claim.taskId, 'step.key': key } },
      definition.run,
    );
    const ms = clock.now() - started;
    // Recorded even when the run was stopped meanwhile: a finished model call is not paid for twice.
    await this.#record(key, inputHash, outcome, ms);
    telemetry.metrics.put('StepDuration', ms, 'Milliseconds', { Step: kind });
    return outcome.output;
  }

  async #record<T>(
    key: string,
    inputHash: string,
    outcome: StepOutcome<T>,
    ms: number,
  ): Promise<void> {
    const { store, claim } = this.#options;
    const { ok, tokens, output, patch = null, detail, events: told = [] } = outcome;
    const event = finished({
      step: key,
      outcome: ok ? 'done' : 'failed',
      ms,
      tokens,
      ...(detail === undefined ? {} : { detail }),
    });
    const { taskId, fence, attempt } = claim;
    const step = { key, inputHash, ok, output, patch, tokens, ms, events: [...told, event] };
    if ((await store.recordStep({ taskId, fence, attempt, ...step })) === 'lost') {
      throw new LeaseLost();
    }
  }
}

function finished(data: Finished): NewEvent {
  return { type: 'step.finished', data };
}
