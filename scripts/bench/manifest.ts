import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parse } from 'yaml';
import * as z from 'zod';
import { LANGUAGES } from '../../lib/task/payload.ts';
import { VerdictName } from '../../lib/task/verdict.ts';
import { type BenchTask, buildTask } from './buildTask.ts';

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

const Manifest = z.strictObject({
  /** File with the cheats of each language. */
  cheats: z.string(),
  /** Files with the tasks, by language. */
  tasks: z.partialRecord(z.enum(LANGUAGES), z.string()),
  /** Ids of the short run. */
  short: z.array(z.string()).default([]),
});

const Cheats = z.partialRecord(z.enum(LANGUAGES), z.record(z.string(), Cheat));

export interface Bench {
  tasks: BenchTask[];
  short: string[];
}

/** Reads a manifest with the files it names, which lie beside it. Throws with the file and what is wrong in it. */
export function readManifest(path: string): Bench {
  const manifest = readYaml(path, Manifest);
  const beside = (name: string): string => join(dirname(path), name);
  const cheats = readYaml(beside(manifest.cheats), Cheats);
  const tasks = LANGUAGES.flatMap((language) => {
    const name = manifest.tasks[language];
    if (name === undefined) return [];
    const specs = readYaml(beside(name), z.array(TaskSpec));
    return specs.map((spec) => buildTask(language, spec, cheats[language] ?? {}));
  });
  return { tasks, short: manifest.short };
}

function readYaml<T>(path: string, schema: z.ZodType<T>): T {
  const parsed = schema.safeParse(parse(readFileSync(path, 'utf8')));
  if (parsed.success) return parsed.data;
  throw new Error(`${path}: ${z.prettifyError(parsed.error)}`, { cause: parsed.error });
}
