import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ADD_REPOSITORY, RIGHT_ANSWER } from '../support/pythonTask.ts';
import {
  type ScriptedModelServer,
  startScriptedModelServer,
} from '../support/scriptedModelServer.ts';
import type { SeededRandom } from './seededRandom.ts';

/** One task in so many is compiled and tested in the sandbox and written back; the others only ask the model. */
const PROVED_EVERY = 5;

export interface ChaosTask {
  idempotencyKey: string;
  payload: object;
  /** The file that must hold the answer afterwards; undefined for a task that proves nothing. */
  result: string | undefined;
}

/** Makes the repository of task number `index` and says what to do in it. */
export function makeTask(workspace: string, index: number): ChaosTask {
  const repository = join(workspace, `task-${index}`);
  mkdirSync(repository);
  for (const [path, content] of Object.entries(ADD_REPOSITORY)) {
    writeFileSync(join(repository, path.replace('add/', '')), content);
  }
  const isProved = index % PROVED_EVERY === 0;
  return {
    idempotencyKey: `chaos-${index}`,
    payload: {
      type: 'CODE',
      input: {
        language: 'python',
        repo: { path: repository },
        goal: `Implement add so that it returns the sum of its arguments (${index})`,
      },
      output_contract: { expected_files: ['calculator.py'] },
      oracle: { smoke: isProved, full: false },
    },
    result: isProved ? join(repository, 'calculator.py') : undefined,
  };
}

/** Answers rightly, but takes its time: a call is a good moment to be killed in. */
export function slowModel(random: SeededRandom): Promise<ScriptedModelServer> {
  return startScriptedModelServer({
    answers: () => ({ text: RIGHT_ANSWER, pieceDelayMs: random.between(10, 150) }),
  });
}
