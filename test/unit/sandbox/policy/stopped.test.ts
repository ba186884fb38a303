import { expect, test } from 'vitest';
import { DEFAULT_LIMITS } from '../../../../lib/sandbox/policy/limits.ts';
import { type Ending, whyStopped } from '../../../../lib/sandbox/policy/stopped.ts';
import type { Termination } from '../../../../lib/sandbox/sandbox.ts';

function told(termination: Termination, more: Partial<Ending> = {}) {
  const limits = { ...DEFAULT_LIMITS, memoryMiB: 512, processes: 40, wallMs: 2_000 };
  const peak = { processes: 3, diskBytes: 600 * 1024 * 1024 };
  return whyStopped({ termination, signal: 'SIGKILL', limits, peak, ...more });
}

test.each([
  ['memory_limit', {}, 'all its processes together held more than 512 MiB of memory'],
  ['cpu_limit', {}, 'it used more than 240 s of processor time'],
  ['output_limit', {}, 'it printed more than 1 MiB'],
  ['disk_limit', {}, 'the workspace grew by more than 512 MiB'],
  ['disk_limit', { signal: 'SIGXFSZ' }, 'it wrote a file larger than 256 MiB'],
  [
    'disk_limit',
    { peak: { processes: 1, diskBytes: Infinity } },
    'it made more than 200000 files, or nested folders deeper than a path can be',
  ],
  ['wall_timeout', {}, 'it did not end within 2000 ms'],
  [
    'wall_timeout',
    { peak: { processes: 39, diskBytes: 0 } },
    'it did not end within 2000 ms, with 39 processes at once (at most 40 can be)',
  ],
  ['signalled', { signal: 'SIGSEGV' }, 'it was ended by SIGSEGV'],
] as const)('%s %j is told with its limit and a remedy', (termination, more, reason) => {
  const stopped = told(termination, more);
  expect(stopped?.reason).toBe(reason);
  expect(stopped?.remedy).toMatch(/^[A-Z].*\.$/);
});

test('what ended by itself, or was cancelled, was stopped by no limit', () => {
  expect(told('exited')).toBeUndefined();
  expect(told('cancelled')).toBeUndefined();
});
