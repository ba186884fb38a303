import * as z from 'zod';
import { VerdictName } from '../../lib/task/verdict.ts';

const Text = z.string();
/** What is replaced, and by what, in turn: the first occurrence, which must be there. */
const Change = z.array(Text).refine((words) => words.length > 0 && words.length % 2 === 0, {
  message: 'must be pairs of what is replaced and by what',
});
const Files = z.record(z.string(), Text);

export const Cheat = z.strictObject({
  /** Put before and after the source of the base tree, which stays wrong. */
  prepend: Text.optional(),
  append: Text.optional(),
  /** Instead of the source of the base tree. */
  source: Text.optional(),
  /** More files of the answer; `{source}`, `{module}` and `{test}` stand for those of the task. */
  files: Files.optional(),
});
export type Cheat = z.infer<typeof Cheat>;

export const TaskSpec = z.strictObject({
  id: z.string().regex(/^[a-z0-9-]+$/),
  goal: Text.min(1),
  source: z.string(),
  gold: Text.min(1),
  /** The base tree has the gold with this change; without it the source is not there yet. */
  broken: Change.optional(),
  /** Name > body, put into the test file of the language; or whole files in `files`. */
  tests: z.record(z.string(), Text).optional(),
  /** Lines at the head of the test file. */
  imports: Text.optional(),
  files: Files.optional(),
  /** Wrong answers: the gold with a change. */
  bad: z.record(z.string(), Change).default({}),
  /** Names of `cheats.yaml`. */
  cheats: z.array(z.string()).default([]),
  oracle: z.record(z.string(), z.unknown()).optional(),
  non_negotiables: z.record(z.string(), z.unknown()).optional(),
  exclude: z.array(z.string()).optional(),
  latency_ms: z.int().default(60_000),
  /** What the gold answer must end as. */
  gold_verdict: VerdictName.default('verified'),
});
export type TaskSpec = z.infer<typeof TaskSpec>;
