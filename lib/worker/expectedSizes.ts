import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../config/config.ts';
import { errorCode } from '../sandbox/workspace/deniedPath.ts';
import type { TaskPayload } from '../task/payload.ts';
import { locateRepository } from './prepare.ts';

/**
 * Bytes of the expected files that are in the user's repository now; those that are not there, or are no files, are left
 * out. An estimate rests on them, so a repository that cannot be used has none: who works on the task says why.
 */
export async function sizesOfExpected(
  where: Pick<Config, 'workingDirectory' | 'workspaceRoot'>,
  payload: TaskPayload,
): Promise<Map<string, number>> {
  const located = await locateRepository({ payload, ...where });
  const sizes = new Map<string, number>();
  if (located.kind === 'failed') return sizes;
  for (const path of payload.output_contract.expected_files) {
    const bytes = await sizeOf(join(located.repository, path));
    if (bytes !== undefined) sizes.set(path, bytes);
  }
  return sizes;
}

async function sizeOf(file: string): Promise<number | undefined> {
  try {
    const found = await lstat(file);
    return found.isFile() ? found.size : undefined;
  } catch (error) {
    const code = errorCode(error);
    if (code === undefined) throw error;
    return undefined;
  }
}
