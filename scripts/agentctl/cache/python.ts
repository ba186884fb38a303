import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { declaredRequirements } from '../../../lib/task/requirements.ts';
import type { Scene } from './recipe.ts';

/** What the project's own files name, and pytest, which runs its tests. */
export function pythonRequirements({ files, folder }: Scene): string[] {
  const read = (path: string) => readFileSync(join(folder, path), 'utf8');
  const declared = declaredRequirements({ files, read });
  const hasPytest = declared.some((requirement) => /^pytest\b(?!-)/.test(requirement));
  return declared.length === 0 || hasPytest ? declared : [...declared, 'pytest'];
}
