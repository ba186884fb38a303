import type { Command } from 'commander';
import type { Client } from '../../../lib/client/client.ts';
import type { TaskEvent } from '../../../lib/task/event.ts';
import type { TaskView } from '../../../lib/task/view.ts';
import type { Context, Runner } from '../context.ts';
import { EXIT, type ExitCode } from '../exitCode.ts';
import { explainLines } from '../explain/explainLines.ts';
import { explain } from '../explain/explanation.ts';

export function addExplain(program: Command, run: Runner): void {
  program
    .command('explain')
    .argument('<id>', 'the task')
    .summary('tell why this model, what it read, and what each step cost')
    .description('Tell why this model was chosen, what it was shown, and what each step cost.')
    .addHelpText(
      'before',
      "Examples:\n  agentctl explain ID\n  agentctl explain ID --json | jq '.steps[].tokens'\n",
    )
    .action((taskId: string, _flags: object, command: Command) =>
      run(command, (context) => explainTask(context, taskId)),
    );
}

async function explainTask(context: Context, taskId: string): Promise<ExitCode> {
  const { client, terminal, palette, json } = context;
  const task = await client.getTask(taskId);
  const explanation = explain(task, await eventsUntil(client, task));
  const text = json ? JSON.stringify(explanation) : explainLines(explanation, palette).join('\n');
  terminal.out(`${text}\n`);
  return EXIT.done;
}

/** Up to what the view knows of: the stream of a running task would go on. */
async function eventsUntil(client: Client, { task_id, last_seq }: TaskView): Promise<TaskEvent[]> {
  const events: TaskEvent[] = [];
  for await (const followed of client.followTask(task_id)) {
    if (followed.kind === 'event') events.push(followed.event);
    const seq = followed.kind === 'event' ? followed.event.seq : undefined;
    if (seq !== undefined && seq >= last_seq) break;
  }
  return events;
}
