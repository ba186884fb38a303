import fs from 'node:fs';
import { expect, test } from 'vitest';
import { RunGroup } from '../../../../lib/sandbox/cgroup/runGroup.ts';
import { DEFAULT_LIMITS } from '../../../../lib/sandbox/policy/limits.ts';
import { scratch } from '../workspace/scratch.ts';

test('a folder that is no control group, or has not every controller, is refused and leaves nothing', () => {
  const base = scratch();
  expect(() => new RunGroup(base, DEFAULT_LIMITS)).toThrow(/ENOENT.*memory\.max/);
  expect(fs.readdirSync(base)).toEqual([]);
});
