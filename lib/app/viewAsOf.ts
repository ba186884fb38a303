import type { TaskEvent } from '../task/event.ts';
import { isTerminal, type TaskStatus } from '../task/state.ts';
import type { TaskView } from '../task/view.ts';

/** A point in a task's log: the last event that has been seen, or undefined before the first. */
export interface PointInLog {
  seq: number;
  status: TaskStatus;
  attempt: number;
  event: TaskEvent | undefined;
}

const NOT_ENDED = { verdict: null, failure: null };

/** The task as it was right after an event, made from how it is now: what came later is taken away. */
export function viewAsOf(view: TaskView, point: PointInLog): TaskView {
  if (point.seq === view.last_seq) return view;
  const { event, status, attempt } = point;
  const happened = (at: string | null) => at !== null && Date.parse(at) <= (event?.at ?? 0);
  const end = event?.type === 'task.finished' ? event.data : undefined;
  const hasEnded = isTerminal(status);
  // What comes after the end (a patch that is applied) leaves it as it was.
  const { verdict, failure } = end ?? (hasEnded && status === view.status ? view : NOT_ENDED);
  return {
    ...view,
    status,
    attempt,
    last_seq: point.seq,
    verdict,
    failure,
    queue_position: null,
    waiting: null,
    result: null,
    patch_request: null,
    steps: view.steps.filter((step) => happened(step.finished_at)),
    started_at: happened(view.started_at) ? view.started_at : null,
    finished_at: hasEnded && happened(view.finished_at) ? view.finished_at : null,
  };
}
