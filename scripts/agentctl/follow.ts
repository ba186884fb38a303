import { setTimeout as wait } from 'node:timers/promises';
import { ApiProblem } from '../../lib/client/errors.ts';
import type { Followed } from '../../lib/client/follow.ts';
import { isTerminal } from '../../lib/task/state.ts';
import type { TaskView } from '../../lib/task/view.ts';
import type { Context } from './context.ts';
import { EXIT, type ExitCode, exitCodeOf } from './exitCode.ts';
import { eventLines } from './render/eventLines.ts';
import { foldAll } from './render/fold.ts';
import { taskReport } from './render/taskReport.ts';
import { duration, printable } from './render/text.ts';
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

/** Of reading the result. */
const ATTEMPTS = 5;

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
  return reportEnd(context, await readEnd(context, request.taskId), request.show);
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
      screen.note(
        `connection lost (${followed.why}); trying again in ${duration(followed.waitMs)}`,
      );
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

/** Who has waited for the end learns of it: a service that is busy is asked again when it said. */
async function readEnd(context: Context, taskId: string): Promise<TaskView> {
  const { client, terminal, host } = context;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await client.getTask(taskId);
    } catch (error) {
      if (!isBusy(error) || attempt === ATTEMPTS) throw error;
      const waitMs = (error.retryAfterSeconds ?? 1) * 1_000;
      terminal.err(`${error.problem.detail}; asking for the result again in ${duration(waitMs)}\n`);
      await wait(waitMs, undefined, { signal: host.interrupted });
    }
  }
}

function isBusy(error: unknown): error is ApiProblem {
  return error instanceof ApiProblem && error.problem.retryable;
}

function reportEnd(context: Context, task: TaskView, show: 'events' | 'end'): ExitCode {
  if (!context.json) {
    context.terminal.out(`${foldAll(taskReport(task, context.palette), context.terminal)}\n`);
  } else {
    const value = show === 'events' ? { type: 'result', task } : task;
    context.terminal.out(`${JSON.stringify(value)}\n`);
  }
  tellNotWritten(context, task);
  return isTerminal(task.status) ? exitCodeOf(task) : EXIT.unexpected;
}

/** The exit code speaks of the verdict alone: a result that is proved may still be nowhere in the workspace. */
function tellNotWritten({ terminal }: Context, { task_id, result }: TaskView): void {
  if (result?.apply.state !== 'conflicted') return;
  const { why, paths } = result.apply;
  const where = paths.length === 0 ? '' : ` (${paths.join(', ')})`;
  terminal.err(
    `the files were NOT written: ${printable(`${why}${where}`)}\n` +
      `  next: agentctl apply ${task_id}   (with --check it only names what is in the way)\n`,
  );
}
