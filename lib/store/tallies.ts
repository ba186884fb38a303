import { assertNever } from '../kernel/assertNever.ts';
import type { NewEvent } from '../task/event.ts';

/** What one or more events add to the totals. `total` is milliseconds, 0 where the metric has no duration. */
export interface Tally {
  metric: TallyMetric;
  subject: string;
  outcome: string;
  count: number;
  total: number;
}

export type TallyMetric =
  | 'submitted'
  | 'finished'
  | 'route'
  | 'oracle'
  | 'baseline'
  | 'step'
  | 'tokens'
  | 'denial';

/** The tallies of a batch of events, one per metric and labels. */
export function talliesOf(events: readonly NewEvent[]): Tally[] {
  const sums = new Map<string, Tally>();
  for (const tally of events.flatMap(talliesOfEvent)) {
    const key = JSON.stringify([tally.metric, tally.subject, tally.outcome]);
    const sum = sums.get(key);
    if (sum === undefined) sums.set(key, tally);
    else {
      sum.count += tally.count;
      sum.total += tally.total;
    }
  }
  return [...sums.values()];
}

/** Moves between statuses count themselves, in the statement that makes them. */
function talliesOfEvent(event: NewEvent): Tally[] {
  switch (event.type) {
    case 'model.routed':
      return [
        once('route', event.data.model, 'chosen'),
        ...event.data.refused.map(({ model }) => once('route', model, 'refused')),
      ];
    case 'oracle.finished': {
      const { step, phase, status, ms } = event.data;
      // A run on the untouched tree says nothing about a patch.
      const metric = stepKind(step) === 'baseline' ? 'baseline' : 'oracle';
      return [once(metric, phase, status, ms)];
    }
    case 'step.finished':
      return stepTallies(event.data);
    case 'write.denied':
      return [{ ...once('denial', 'write', ''), count: event.data.count ?? 1 }];
    case 'read.denied':
      return [once('denial', 'read', '')];
    case 'exec.denied':
      return [once('denial', 'exec', '')];
    case 'task.submitted':
    case 'task.claimed':
    case 'task.requeued':
    case 'task.resumed':
    case 'task.cancelling':
    case 'task.finished':
    case 'repo.fetched':
    case 'step.started':
    case 'prompt.built':
    case 'plan.written':
    case 'review.finished':
    case 'edit.applied':
    case 'exec.finished':
    case 'log.appended':
    case 'patch.applied':
    case 'patch.reverted':
    case 'patch.conflicted':
    case 'patch.checked':
      return [];
    default:
      return assertNever(event);
  }
}

type StepFinished = Extract<NewEvent, { type: 'step.finished' }>['data'];

/** A replayed step cost nothing this time: its tokens were counted when it ran. */
function stepTallies({ step, outcome, ms, tokens }: StepFinished): Tally[] {
  const kind = stepKind(step);
  const ran = once('step', kind, outcome, ms);
  if (outcome === 'replayed' || tokens === 0) return [ran];
  return [ran, { metric: 'tokens', subject: kind, outcome: '', count: tokens, total: 0 }];
}

/** `code.1` is the first of its kind `code`. */
function stepKind(step: string): string {
  return step.split('.', 1)[0] ?? step;
}

function once(metric: TallyMetric, subject: string, outcome: string, total = 0): Tally {
  // Postgres has no NUL in a text.
  return { metric, subject: subject.replaceAll('\0', ''), outcome, count: 1, total };
}
