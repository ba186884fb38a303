import { expect, test } from 'vitest';
import {
  type AuditEntry,
  brokenAt,
  type Denial,
  denialEvents,
  FIRST_PREV,
  sealed,
} from '../../../lib/task/audit.ts';

function denial(path: string, more: Partial<Denial> = {}): Denial {
  const who = { comm: 'java', pid: 7, call: 'openat' };
  return { kind: 'write', step: 'smoke.1', ...who, path, target: path, reason: 'no', ...more };
}

function chain(paths: readonly string[]): AuditEntry[] {
  const entries: AuditEntry[] = [];
  for (const [index, path] of paths.entries()) {
    const prev = entries.at(-1)?.hash ?? FIRST_PREV;
    entries.push(sealed({ task_id: 'task', seq: index + 1, at: 1, ...denial(path), prev }));
  }
  return entries;
}

test('a chain holds as it was made, and an empty one does', () => {
  expect(brokenAt(chain(['/etc/a', '/etc/b', '/etc/c']))).toBeUndefined();
  expect(brokenAt([])).toBeUndefined();
});

test.each([
  { what: 'changed', broken: 2, change: ([a, b, c]: AuditEntry[]) => [a, { ...b, path: '/x' }, c] },
  { what: 'taken out', broken: 2, change: ([a, , c]: AuditEntry[]) => [a, c] },
  { what: 'cut off at the front', broken: 1, change: ([, b, c]: AuditEntry[]) => [b, c] },
  { what: 'exchanged', broken: 1, change: ([a, b, c]: AuditEntry[]) => [b, a, c] },
])('an entry that was $what breaks the chain', ({ change, broken }) => {
  const entries = change(chain(['/etc/a', '/etc/b', '/etc/c'])).flatMap((entry) => entry ?? []);
  expect(brokenAt(entries as AuditEntry[])).toBe(broken);
});

test('an entry that was changed together with its hash breaks the next link', () => {
  const [first, ...others] = chain(['/etc/a', '/etc/b']);
  if (first === undefined) throw new Error('the chain is empty');
  const { hash: _hash, ...entry } = first;
  expect(brokenAt([sealed({ ...entry, path: '/x' }), ...others])).toBe(2);
});

test('equal attempts are one event with a count, and different ones are events of their own', () => {
  expect(denialEvents([denial('/etc/a'), denial('/etc/b'), denial('/etc/a')])).toEqual([
    {
      type: 'write.denied',
      data: {
        ...{ path: '/etc/a', target: '/etc/a', reason: 'no', step: 'smoke.1' },
        ...{ comm: 'java', syscall: 'openat', count: 2 },
      },
    },
    {
      type: 'write.denied',
      data: {
        ...{ path: '/etc/b', target: '/etc/b', reason: 'no', step: 'smoke.1' },
        ...{ comm: 'java', syscall: 'openat' },
      },
    },
  ]);
});

test('a flood of different attempts is summed up, and every attempt is counted', () => {
  const events = denialEvents(Array.from({ length: 1000 }, (_, index) => denial(`/etc/${index}`)));
  expect(events).toHaveLength(21);
  expect(events.at(-1)).toMatchObject({
    data: { count: 980, reason: '980 more attempts: see the audit' },
  });
});

test('a denied tool is an event of its own kind', () => {
  const denied = denial('curl', { kind: 'exec', comm: null, pid: null, call: 'exec' });
  expect(denialEvents([denied])).toEqual([
    { type: 'exec.denied', data: { tool: 'curl', reason: 'no', step: 'smoke.1' } },
  ]);
});
