import type { Journal } from '../../../lib/agents/journal.ts';

/** Keeps nothing but the outcome of `baseline`, which is the same for all mutants of a task. */
export function memoryJournal(baselines: Map<string, unknown>, task: string): Journal {
  return {
    emit: () => Promise.resolve(),
    deny: () => Promise.resolve(),
    step: async ({ key, run }) => {
      if (key !== 'baseline') return (await run()).output;
      const known = baselines.get(task) ?? (await run()).output;
      baselines.set(task, known);
      // The same definition wrote it: its type is the step's.
      return known as Awaited<ReturnType<typeof run>>['output'];
    },
  };
}
