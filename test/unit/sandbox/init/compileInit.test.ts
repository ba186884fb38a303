import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { findInit } from '../../../../lib/sandbox/init/compileInit.ts';
import { createLogger } from '../../../../lib/telemetry/adapters/pinoLogger.ts';
import { scratch } from '../workspace/scratch.ts';

const ROOT = path.resolve(import.meta.dirname, '../../../..');

test('the image of the worker compiles the init under the name that is looked for, so that it is not compiled again', async () => {
  const dockerfile = fs.readFileSync(path.join(ROOT, 'functions/worker/Dockerfile'), 'utf8');
  const name = /-o "(sandboxInit-\$\(.*?\))" sandboxInit\.c/.exec(dockerfile)?.[1] ?? '';
  const cwd = path.join(ROOT, 'lib/sandbox/init');
  const compiled = execFileSync('/bin/sh', ['-c', `echo "${name}"`], { cwd, encoding: 'utf8' });
  const toolsDir = scratch();
  const file = path.join(toolsDir, compiled.trim());
  fs.writeFileSync(file, '');
  expect(compiled).toMatch(/^sandboxInit-[0-9a-f]{12}\n$/);
  const logger = createLogger({ service: 'test', level: 'silent' });
  expect(await findInit({ searchPath: [], toolsDir, logger })).toEqual({ kind: 'found', file });
});
