import { expect, test } from 'vitest';
import { requireRepoBelowWorkspace } from '../../../lib/app/repoPath.ts';
import { Refusal } from '../../../lib/kernel/errors.ts';

const place = { workingDirectory: '/srv/service', workspaceRoot: '/srv/service/workspace' };

test.each([
  './workspace',
  'workspace',
  'workspace/shop',
  './workspace/shop/../shop',
  '/srv/service/workspace/deep/er',
  'workspace/..hidden',
])('%s is at or below the workspace', (path) => {
  expect(() => requireRepoBelowWorkspace(path, place)).not.toThrow();
});

test.each([
  '.',
  '..',
  './workspace/..',
  './workspace/../../etc',
  '/etc',
  '/',
  'workspace2',
  '/srv/service/workspace-old',
])('%s is outside the workspace', (path) => {
  expect(() => requireRepoBelowWorkspace(path, place)).toThrow(
    expect.objectContaining({
      kind: 'invalid',
      code: 'path_outside_workspace',
      message: expect.stringMatching(
        /^repo\.path leads to \/.*, outside the workspace \/srv\/service\/workspace$/,
      ),
      errors: [{ pointer: '/input/repo/path', detail: expect.stringContaining('outside') }],
    }),
  );
  expect(() => requireRepoBelowWorkspace(path, place)).toThrow(Refusal);
});
