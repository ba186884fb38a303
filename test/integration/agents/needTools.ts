import type { TestContext } from 'vitest';
import type { SolveBench } from '../../support/solveBench.ts';

/** Skips a test whose tools this machine lacks, saying how to get the first of them. */
export async function need(
  context: TestContext,
  { sandbox }: SolveBench,
  ...names: string[]
): Promise<void> {
  const found = new Set((await sandbox.toolchains()).map(({ tool }) => tool));
  const missing = names.find((name) => !found.has(name));
  if (missing !== undefined) context.skip(`${missing} is not there: apt-get install ${missing}`);
}
