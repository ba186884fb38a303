import type { Client } from '../../lib/client/client.ts';
import type { TaskView } from '../../lib/task/view.ts';
import { eventLines } from '../agentctl/render/eventLines.ts';
import type { Palette } from '../agentctl/render/palette.ts';
import type { Example } from './examples.ts';

export interface Played {
  example: Example;
  task: TaskView;
  /** From the submit to the end, as this process saw it. */
  ms: number;
}

interface Stage {
  client: Client;
  palette: Palette;
  signal: AbortSignal;
  print: (line: string) => void;
}

/** Submits one example and shows its stream until the end. Rejects with the signal's reason when it fires. */
export async function playExample(example: Example, stage: Stage): Promise<Played> {
  const { client, palette, signal, print } = stage;
  const began = performance.now();
  const label = palette.bold(example.payload.input.language.padEnd(10));
  const { task_id } = await client.submitTask(example.payload, { signal });
  print(`${label}  ${palette.dim('task'.padEnd(10))}  ${task_id}`);
  for await (const followed of client.followTask(task_id, { signal })) {
    if (followed.kind !== 'event') continue;
    for (const line of eventLines(followed.event, palette)) print(`${label}  ${line}`);
  }
  signal.throwIfAborted();
  const task = await client.getTask(task_id);
  const verdict = task.verdict?.name ?? task.status;
  print(`${label}  ${palette.bold(`finished    ${verdict}`)}`);
  return { example, task, ms: performance.now() - began };
}
