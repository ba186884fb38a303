import { join } from 'node:path';
import type { Client } from '../../lib/client/client.ts';
import type { Language } from '../../lib/task/payload.ts';
import type { TaskView } from '../../lib/task/view.ts';
import type { Agent, BenchTask } from './buildTask.ts';
import type { BenchRun } from './transcript.ts';

/** How one answer ended. */
export interface PlayedRun {
  task: string;
  language: Language;
  agent: Agent;
  kind: string;
  /** Of the verdict, or the status or failure of a task that has none. */
  ended: string;
  reason: string | undefined;
  summary: string;
  /** What the gold answer must end as; a bad one must never end verified. */
  wanted: string | undefined;
  /** From the submit to the end, as the client saw it. */
  ms: number;
}

interface Play {
  client: Client;
  /** Absolute folder in which each task has its base tree. */
  workspace: string;
  /** Submits that are under way at once. */
  slots: number;
  signal: AbortSignal;
  onEnd: (played: PlayedRun) => void;
}

/** Submits every run over HTTP and waits for its end, a few at a time. Rejects with the signal's reason. */
export async function playRuns(runs: readonly BenchRun[], play: Play): Promise<PlayedRun[]> {
  const left = [...runs.entries()];
  const played: PlayedRun[] = [];
  const work = async (): Promise<void> => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) {
      const [position, run] = next;
      const ended = await playOne(run, play);
      played[position] = ended;
      play.onEnd(ended);
    }
  };
  await Promise.all(Array.from({ length: play.slots }, work));
  return played;
}

async function playOne(run: BenchRun, { client, workspace, signal }: Play): Promise<PlayedRun> {
  const began = performance.now();
  const path = join(workspace, run.task.id);
  const payload = taskPayload(run.task, { path, goal: run.goal });
  const { task_id } = await client.submitTask(payload, { signal });
  for await (const _ of client.followTask(task_id, { signal })) signal.throwIfAborted();
  signal.throwIfAborted();
  const view = await client.getTask(task_id);
  const { task, answer } = run;
  return {
    task: task.id,
    language: task.language,
    agent: answer.agent,
    kind: answer.kind,
    ...endOf(view),
    wanted: answer.agent === 'gold' ? task.goldVerdict : undefined,
    ms: Math.round(performance.now() - began),
  };
}

function endOf({ status, verdict, failure }: TaskView) {
  return {
    ended: verdict?.name ?? failure?.code ?? status,
    reason: verdict?.reason,
    summary: verdict?.summary ?? failure?.message ?? '',
  };
}

/** As a client submits it. */
export function taskPayload(
  task: BenchTask,
  { path, goal }: { path: string; goal: string },
): unknown {
  return {
    type: 'CODE',
    input: {
      language: task.language,
      repo: { path, exclude: task.exclude },
      constraints: { latency_ms: task.latencyMs },
      goal,
    },
    output_contract: { expected_files: [task.source] },
    oracle: task.oracle,
    non_negotiables: task.nonNegotiables,
    apply: 'never',
  };
}
