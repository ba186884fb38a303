import { cpSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { TaskPayload } from '../../lib/task/payload.ts';

export interface Example {
  name: string;
  payload: TaskPayload;
}

const FOLDER = fileURLToPath(new URL('../../examples/', import.meta.url));
export const SCRIPTED_ANSWERS = join(FOLDER, 'answers.json');

const NAMES = ['python-roman-numerals', 'typescript-rate-limiter', 'java-product-resolver'];

/**
 * The shipped examples, each with a copy of its repository (an empty folder where none is shipped) below `workspace`.
 * Only the path of the repository differs from the file: the demo has a workspace of its own.
 */
export function seedExamples(workspace: string): Example[] {
  return NAMES.map((name) => {
    const path = join(workspace, name);
    mkdirSync(path, { recursive: true });
    if (existsSync(join(FOLDER, name))) cpSync(join(FOLDER, name), path, { recursive: true });
    const payload = TaskPayload.parse(
      JSON.parse(readFileSync(join(FOLDER, `${name}.json`), 'utf8')),
    );
    const input = { ...payload.input, repo: { ...payload.input.repo, path } };
    return { name, payload: { ...payload, input } };
  });
}
