import { setTimeout as wait } from 'node:timers/promises';
import type { PatchAnswer } from '../../lib/task/answers.ts';
import type { EventData, TaskEvent } from '../../lib/task/event.ts';
import type { Context } from './context.ts';
import { EXIT, type ExitCode } from './exitCode.ts';
import { conflictText } from './render/eventLines.ts';
import { count, printable } from './render/text.ts';

export const DEFAULT_PATIENCE_MS = 60_000;
const POLL_MS = 200;

/** Waits until a worker has carried out what was asked, and says what came of it. */
export async function followPatch(
  context: Context,
  asked: PatchAnswer,
  timeoutMs: number,
): Promise<ExitCode> {
  const limit = AbortSignal.timeout(timeoutMs);
  const outcome = await outcomeOf(
    context,
    asked,
    AbortSignal.any([limit, context.host.interrupted]),
  );
  if (outcome !== undefined) return report(context, asked, outcome);
  const why = limit.aborted ? 'the time is up' : 'detached';
  context.terminal.err(
    `${why}; a worker will still do it\n  next: agentctl status ${asked.task_id}, agentctl doctor\n`,
  );
  return limit.aborted ? EXIT.timedOut : EXIT.detached;
}

interface Outcome {
  outcome: 'applied' | 'reverted' | 'checked' | 'conflicted';
  data: EventData<'patch.conflicted'>;
}

/** Undefined when the signal came first. */
async function outcomeOf(
  { client }: Context,
  { task_id, last_seq }: PatchAnswer,
  signal: AbortSignal,
): Promise<Outcome | undefined> {
  while ((await client.getTask(task_id)).patch_request !== null) {
    if (!(await elapsed(POLL_MS, signal))) return undefined;
  }
  for await (const followed of client.followTask(task_id, { after: last_seq, signal })) {
    const found = followed.kind === 'event' ? outcomeIn(followed.event) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

function outcomeIn(event: TaskEvent): Outcome | undefined {
  switch (event.type) {
    case 'patch.applied':
      return { outcome: 'applied', data: event.data };
    case 'patch.reverted':
      return { outcome: 'reverted', data: event.data };
    case 'patch.checked':
      return { outcome: 'checked', data: event.data };
    case 'patch.conflicted':
      return { outcome: 'conflicted', data: event.data };
    default:
      return undefined;
  }
}

async function elapsed(ms: number, signal: AbortSignal): Promise<boolean> {
  try {
    await wait(ms, undefined, { signal });
    return true;
  } catch (error) {
    if (!signal.aborted) throw error;
    return false;
  }
}

function report(context: Context, asked: PatchAnswer, { outcome, data }: Outcome): ExitCode {
  const { terminal, json } = context;
  const isDone = outcome !== 'conflicted';
  if (json) {
    const { task_id, patch_request: request } = asked;
    terminal.out(`${JSON.stringify({ task_id, request, outcome, ...data })}\n`);
  } else {
    terminal.out(`${isDone ? WORDS[outcome] : 'nothing was written'}\n`);
    for (const path of data.paths) terminal.out(`  ${printable(path)}\n`);
    if (!isDone) terminal.err(`why: ${printable(conflictText(data))}\n`);
  }
  terminal.err(nextOf(asked, outcome, data));
  return isDone ? EXIT.done : EXIT.failed;
}

const WORDS = {
  applied: 'the result is in the workspace',
  reverted: 'the workspace is as it was before',
  checked: 'the result can be applied',
} as const;

function nextOf(
  { task_id: id }: PatchAnswer,
  outcome: Outcome['outcome'],
  { paths }: Outcome['data'],
): string {
  switch (outcome) {
    case 'applied':
      return `next: agentctl feedback ${id} --accept   (to take it out again: agentctl revert ${id})\n`;
    case 'checked':
      return `next: agentctl apply ${id}\n`;
    case 'reverted':
      return `next: agentctl feedback ${id} --reject\n`;
    case 'conflicted':
      return paths.length > 0
        ? `next: bring ${count(paths.length, 'file')} back as they were, or take the changes from agentctl diff ${id}\n`
        : 'next: agentctl doctor\n';
  }
}
