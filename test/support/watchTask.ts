import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import type { Client } from '../../lib/client/client.ts';
import type { TaskEvent } from '../../lib/task/event.ts';
import type { WorkerProcess } from './house.ts';

/** The whole log of a task, once it has ended. */
export async function eventsOf(client: Client, taskId: string): Promise<TaskEvent[]> {
  const events: TaskEvent[] = [];
  for await (const seen of client.followTask(taskId)) {
    if (seen.kind === 'event') events.push(seen.event);
  }
  return events;
}

/** Resolves when the task's stream shows an event that `matches`; rejects when it ends before, or after 60 s. */
export async function whenSeen(
  client: Client,
  taskId: string,
  matches: (event: TaskEvent) => boolean,
): Promise<void> {
  const signal = AbortSignal.timeout(60_000);
  for await (const seen of client.followTask(taskId, { signal })) {
    if (seen.kind === 'event' && matches(seen.event)) return;
  }
  throw new Error(`the stream of ${taskId} ended without the event`);
}

export const isStepStart = (step: string) => (event: TaskEvent) =>
  event.type === 'step.started' && event.data.step === step;

/** Keys of the steps that ended so, in order. */
export function stepsThat(
  events: readonly TaskEvent[],
  outcome: 'done' | 'failed' | 'replayed',
): string[] {
  return events.flatMap((event) =>
    event.type === 'step.finished' && event.data.outcome === outcome ? [event.data.step] : [],
  );
}

/** No gap, no duplicate, and one end. */
export function expectOneEnd(events: readonly TaskEvent[]): void {
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
  expect(events.filter(({ type }) => type === 'task.finished')).toHaveLength(1);
  expect(events.at(-1)?.type).toBe('task.finished');
}

/** Process ids; everything in a sandbox descends from one of them. */
export function childrenOf({ child }: WorkerProcess): string[] {
  return readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8')
    .split(' ')
    .filter((pid) => pid !== '');
}
