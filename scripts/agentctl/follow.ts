import type { Followed } from '../../lib/client/follow.ts';
import { isTerminal } from '../../lib/task/state.ts';
import type { TaskView } from '../../lib/task/view.ts';
import type { Context } from './context.ts';
import { EXIT, type ExitCode, exitCodeOf } from './exitCode.ts';
import { eventLines } from './render/eventLines.ts';
import { foldAll } from './render/fold.ts';
import { taskReport } from './render/taskReport.ts';
import { openScreen, type Screen } from './screen.ts';

export interface FollowRequest {
  taskId: string;
  /** Last sequence already seen; 0: everything. */
  after: number;
  /** Events as they come, or only the end. */
  show: 'events' | 'end';
  /** Undefined: as long as it takes. */
  timeoutMs: number | undefined;
}

/** Follows to the end and reports it. Ctrl-C and the timeout only leave: the task goes on. */
export async function followToEnd(context: Context, request: FollowRequest): Promise<ExitCode> {
  const limit = new AbortController();
  const timer =
    request.timeoutMs === undefined
      ? undefined
      : setTimeout(() => limit.abort(), request.timeoutMs).unref();
  const screen = openScreen(context);
  let seen = request.after;
  try {
    const signal = AbortSignal.any([context.host.interrupted, limit.signal]);
    for await (const followed of context.client.followTask(request.taskId, {
      after: request.after,
      signal,
    })) {
      if (followed.kind === 'event') seen = followed.event.seq;
      showFollowed(context, { followed, screen, show: request.show });
    }
  } finally {
    clearTimeout(timer);
    screen.close();
  }
  if (context.host.interrupted.aborted)
    return detach(context, { ...request, seen, exit: EXIT.detached });
  if (limit.signal.aborted) return detach(context, { ...request, seen, exit: EXIT.timedOut });
  return reportEnd(context, await context.client.getTask(request.taskId), request.show);
}

function showFollowed(
  context: Context,
  { followed, screen, show }: { followed: Followed; screen: Screen; show: 'events' | 'end' },
): void {
  switch (followed.kind) {
    case 'event':
      screen.advance(followed.event);
      if (show === 'end') return;
      if (context.json) screen.print([JSON.stringify(followed.event)]);
      else screen.print(eventLines(followed.event, context.palette));
      return;
    case 'unknown_event':
      if (show === 'events' && context.json) {
        const { seq, type, data } = followed;
        screen.print([JSON.stringify({ type, seq, data })]);
      }
      return;
    case 'reconnecting':
      screen.note(`connection lost (${followed.why}); trying again in ${followed.waitMs} ms`);
      return;
    case 'reset':
      screen.note(`${resetWords(followed)}; going on from event ${followed.lastSeq}`);
      return;
    case 'snapshot':
    case 'heartbeat':
      return;
  }
}

function resetWords({ reason }: Extract<Followed, { kind: 'reset' }>): string {
  return reason === 'cursor_beyond_log'
    ? 'the task has not come that far'
    : `the log does not reach that far back (${reason})`;
}

function detach(
  context: Context,
  { taskId, seen, exit }: { taskId: string; seen: number; exit: ExitCode },
): ExitCode {
  const why = exit === EXIT.timedOut ? 'the time is up' : 'detached';
  const cursor = seen > 0 ? ` --after ${seen}` : '';
  context.terminal.err(
    `${why}; the task goes on\n  next: agentctl watch ${taskId}${cursor}   (to stop it: agentctl cancel ${taskId})\n`,
  );
  return exit;
}

function reportEnd(context: Context, task: TaskView, show: 'events' | 'end'): ExitCode {
  if (!context.json) {
    context.terminal.out(`${foldAll(taskReport(task, context.palette), context.terminal)}\n`);
  } else {
    const value = show === 'events' ? { type: 'result', task } : task;
    context.terminal.out(`${JSON.stringify(value)}\n`);
  }
  return isTerminal(task.status) ? exitCodeOf(task) : EXIT.unexpected;
}
