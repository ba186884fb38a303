import { expect, test } from 'vitest';
import type { NewEvent } from '../../../lib/task/event.ts';
import { eventLines } from '../../../scripts/agentctl/render/eventLines.ts';
import { PLAIN } from '../../../scripts/agentctl/render/palette.ts';

function render(made: NewEvent): string[] {
  return eventLines({ ...made, task_id: 't', seq: 1, at: 0 }, PLAIN);
}

test('a tool that ended by itself is left to the oracle, one that was stopped is shown', () => {
  const ran = (termination: string) =>
    render({
      type: 'exec.finished',
      data: { step: 's', argv: ['go', 'test'], exit: null, termination, ms: 2_000 },
    });
  expect(ran('exited')).toEqual([]);
  expect(ran('wall_timeout')).toEqual(['stopped     go test · wall_timeout · 2.0 s']);
});

test('the limit that stopped a tool is named with what to do about it', () => {
  const limit = { reason: 'it printed more than 8 MiB', remedy: 'Look for a loop that prints.' };
  const data = { step: 's', argv: ['go', 'test'], exit: null, ms: 2_000, ...limit };
  expect(render({ type: 'exec.finished', data: { ...data, termination: 'output_limit' } })).toEqual(
    [
      'stopped     go test · it printed more than 8 MiB · 2.0 s',
      '            Look for a loop that prints.',
    ],
  );
});

test('what was kept out of the copy is named with where it leads, and cannot steer the terminal', () => {
  const data = {
    path: 'a\u001b[2Jb',
    target: '/etc/passwd',
    reason: 'the link leaves',
    step: 'p',
  };
  expect(render({ type: 'read.denied', data })).toEqual([
    'denied      ab is not copied: the link leaves (leads to /etc/passwd)',
  ]);
});
