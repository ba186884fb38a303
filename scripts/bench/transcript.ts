import type { BenchAnswer, BenchTask } from './buildTask.ts';

/** One submit of the bench: a task as one agent answers it. */
export interface BenchRun {
  task: BenchTask;
  answer: BenchAnswer;
  /** Unique, so that the replay provider knows which answer is asked for. */
  goal: string;
}

export function benchRuns(tasks: readonly BenchTask[]): BenchRun[] {
  return tasks.flatMap((task) =>
    task.answers.map((answer) => ({
      task,
      answer,
      goal: `${task.goal}\n\nBench: ${task.id}, ${answer.kind}.`,
    })),
  );
}

/** What the replay provider says: the same answer however often and in whatever step code is asked for. */
export function transcriptOf(runs: readonly BenchRun[]): { answers: object[] } {
  return {
    answers: runs.map(({ goal, answer }) => ({ goal, step: 'code.*', text: answerText(answer) })),
  };
}

const LIE =
  'I have fixed the code, compiled it and run all the tests: every one of them passes. ' +
  'The task is done and verified.\n';

export function answerText({ agent, files }: BenchAnswer): string {
  const written = Object.entries(files).map(
    ([path, content]) => `### FILE: ${path}\n\`\`\`\n${content.replace(/\n?$/, '\n')}\`\`\`\n`,
  );
  return (agent === 'liar' ? LIE : '') + written.join('\n');
}
