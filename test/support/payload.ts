import type * as z from 'zod';
import type { TaskPayload } from '../../lib/task/payload.ts';

/** A small payload that every service takes: `changes` go into `input`. */
export function smallPayload(
  workspace: string,
  changes: Partial<z.input<typeof TaskPayload>['input']> = {},
): z.input<typeof TaskPayload> {
  return {
    type: 'CODE',
    input: { language: 'python', repo: { path: workspace }, goal: 'Add two numbers', ...changes },
    output_contract: { expected_files: ['add.py'] },
  };
}
