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
  const located = await unlessRefused(() => locateRepository({ payload, ...where }));
  const sizes = new Map<string, number>();
  if (located?.kind !== 'found') return sizes;
  for (const path of payload.output_contract.expected_files) {
    const found = await unlessRefused(() => lstat(join(located.repository, path)));
    if (found?.isFile() === true) sizes.set(path, found.size);
  }
  return sizes;
}

/** Undefined where the file system says no, for whatever reason. */
async function unlessRefused<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (errorCode(error) === undefined) throw error;
    return undefined;
  }
}
