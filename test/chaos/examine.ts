import { readFileSync } from 'node:fs';
import { connectPostgres } from '../../lib/db/adapters/pg.ts';
import type { EventSeq, TaskId } from '../../lib/kernel/ids.ts';
import { createStore, type Store } from '../../lib/store/store.ts';
import type { TaskEvent } from '../../lib/task/event.ts';
import { RIGHT_ANSWER } from '../support/pythonTask.ts';
import type { Witness } from './followStream.ts';
import type { Acknowledged } from './submitTasks.ts';

export interface Evidence {
  databaseUrl: string;
  acknowledged: readonly Acknowledged[];
  witnesses: ReadonlyMap<string, Witness>;
}

export interface Findings {
  /** Everything that is not as the lifecycle promises; empty when all is well. */
  faults: string[];
  attempts: number;
  replayed: number;
}

const ALL = 100_000;

/** Reads what became of the tasks from the database itself. */
export async function examine(evidence: Evidence): Promise<Findings> {
  const database = connectPostgres(evidence.databaseUrl);
  const store = createStore(database);
  try {
    const findings: Findings = { faults: [], attempts: 0, replayed: 0 };
    findings.faults.push(...(await countFaults(store, evidence.acknowledged)));
    for (const task of evidence.acknowledged) {
      const events = await store.eventsAfter(task.taskId as TaskId, 0 as EventSeq, ALL);
      const faults = [
        ...logFaults(events),
        ...(await outcomeFaults(store, task)),
        ...witnessFaults(events, evidence.witnesses.get(task.taskId)),
      ];
      findings.faults.push(
        ...faults.map((fault) => `${task.idempotencyKey} (${task.taskId}): ${fault}`),
      );
      findings.attempts += events.filter(({ type }) => type === 'task.claimed').length;
      findings.replayed += events.filter(isReplay).length;
    }
    return findings;
  } finally {
    await store.close();
    await database.close();
  }
}

function isReplay(event: TaskEvent): boolean {
  return event.type === 'step.finished' && event.data.outcome === 'replayed';
}

async function countFaults(store: Store, acknowledged: readonly Acknowledged[]): Promise<string[]> {
  const known = new Set(acknowledged.map(({ taskId }) => taskId));
  const { tasks } = await store.listTasks({ limit: ALL });
  const faults: string[] = [];
  if (known.size !== acknowledged.length) faults.push('two keys were given one task');
  if (tasks.length !== known.size) faults.push(`${tasks.length} tasks for ${known.size} keys`);
  return faults;
}

function logFaults(events: readonly TaskEvent[]): string[] {
  const faults: string[] = [];
  if (!isGapless(events.map(({ seq }) => seq))) faults.push('the log has a gap or a duplicate');
  const ends = events.filter(({ type }) => type === 'task.finished').length;
  if (ends !== 1) faults.push(`${ends} ends`);
  if (events.at(-1)?.type !== 'task.finished')
    faults.push(`the log ends with ${events.at(-1)?.type}`);
  const done = events.flatMap((event) =>
    event.type === 'step.finished' && event.data.outcome !== 'replayed' ? [event.data.step] : [],
  );
  for (const step of new Set(done)) {
    const times = done.filter((each) => each === step).length;
    if (times > 1) faults.push(`step ${step} was recorded ${times} times`);
  }
  return faults;
}

async function outcomeFaults(store: Store, task: Acknowledged): Promise<string[]> {
  const view = await store.loadView(task.taskId as TaskId);
  if (view?.status !== 'succeeded') {
    return [`is ${view?.status}: ${JSON.stringify(view?.failure)}`];
  }
  if (task.result === undefined) return [];
  const faults: string[] = [];
  if (view.verdict?.name !== 'verified') faults.push(`verdict ${JSON.stringify(view.verdict)}`);
  const { apply } = view.result ?? {};
  if (apply?.state !== 'applied') faults.push(`apply ${JSON.stringify(apply)}`);
  if (!RIGHT_ANSWER.includes(readFileSync(task.result, 'utf8')))
    faults.push('the file is not the answer');
  return faults;
}

function witnessFaults(events: readonly TaskEvent[], witness: Witness | undefined): string[] {
  if (witness === undefined) return ['nobody followed it'];
  const faults = witness.faults.map((fault) => `follower: ${fault}`);
  if (!isGapless(witness.sequences)) faults.push(`follower saw ${witness.sequences.join(' ')}`);
  if (witness.types.join() !== events.map(({ type }) => type).join()) {
    faults.push(`follower saw ${witness.types.length} of ${events.length} events`);
  }
  return faults;
}

function isGapless(sequences: readonly number[]): boolean {
  return sequences.every((seq, index) => seq === index + 1);
}
