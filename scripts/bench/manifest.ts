import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parse } from 'yaml';
import * as z from 'zod';
import { LANGUAGES } from '../../lib/task/payload.ts';
import { type BenchTask, buildTask } from './buildTask.ts';
import { Cheat, TaskSpec } from './taskSpec.ts';

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
