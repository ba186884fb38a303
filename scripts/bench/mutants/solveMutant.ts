import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { solve } from '../../../lib/agents/solve.ts';
import { type EpochMs, systemClock } from '../../../lib/kernel/clock.ts';
import { systemRandom } from '../../../lib/kernel/random.ts';
import { ModelError, type ModelProvider } from '../../../lib/llm/llm.ts';
import type { ModelCard } from '../../../lib/models/card.ts';
import type { Sandbox } from '../../../lib/sandbox/sandbox.ts';
import { TaskPayload } from '../../../lib/task/payload.ts';
import type { BenchTask } from '../buildTask.ts';
import { taskPayload } from '../playRuns.ts';
import { answerText } from '../transcript.ts';
import { memoryJournal } from './memoryJournal.ts';
import type { Mutant } from './mutate.ts';

interface Bench {
  sandbox: Sandbox;
  /** Absolute folder for the trees. */
  place: string;
  baselines: Map<string, unknown>;
  latencyMs: number;
  signal: AbortSignal;
}

/** How the agents judge an answer that is this mutant. */
export async function solveMutant(
  task: BenchTask,
  mutant: Mutant,
  bench: Bench,
): Promise<{ ended: string; summary: string }> {
  const { sandbox, place, baselines, latencyMs, signal } = bench;
  const folder = (name: string): string => join(place, name);
  writeTree(folder('base'), task.base);
  writeTree(folder('work'), task.base);
  mkdirSync(folder('scratch'));
  const files = { [task.source]: mutant.text };
  const solved = await solve(
    {
      payload: TaskPayload.parse(
        taskPayload({ ...task, latencyMs }, { path: '.', goal: task.goal }),
      ),
      model: CARD,
      ...{ baseDir: folder('base'), workDir: folder('work'), scratchDir: folder('scratch') },
      // Brands a number of milliseconds, as the clock itself does.
      deadline: (systemClock.now() + latencyMs) as EpochMs,
    },
    {
      provider: always(answerText({ agent: 'bad', kind: 'mutant', files })),
      journal: memoryJournal(baselines, task.id),
      ...{ sandbox, clock: systemClock, random: systemRandom, signal },
    },
  );
  return solved.kind === 'ended'
    ? { ended: solved.verdict.name, summary: solved.verdict.summary }
    : { ended: solved.failure.code, summary: solved.failure.message };
}

const CARD: ModelCard = {
  id: 'mutant',
  provider: 'replay',
  family: 'replay',
  context_tokens: 131_072,
  edit_format: 'whole',
  licence: 'none',
  preference: 0,
  llm: false,
};

function always(text: string): ModelProvider {
  // Only the coder is played: no plan, no tests of its own, no review.
  const roles = { answersStep: (_goal: string, step: string) => isCode(step) };
  return {
    ...roles,
    name: 'mutant',
    llm: false,
    goalAddressed: true,
    generate: ({ context }) => {
      if (!isCode(context.step)) {
        throw new ModelError('protocol', `a mutant says nothing in step ${context.step}`);
      }
      const usage = {
        promptTokens: 0,
        generatedTokens: Math.ceil(text.length / 4),
        estimated: true,
      };
      return Promise.resolve({ text, finish: 'stop' as const, ...usage });
    },
  };
}

function isCode(step: string): boolean {
  return step.startsWith('code.');
}

export function writeTree(root: string, files: Readonly<Record<string, string>>): void {
  for (const [path, content] of Object.entries(files)) {
    const file = join(root, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  }
  mkdirSync(root, { recursive: true });
}
