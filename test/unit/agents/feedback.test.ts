import { describe, expect, test } from 'vitest';
import { failureHash, feedbackOf } from '../../../lib/agents/feedback.ts';
import { excerpt } from '../../../lib/agents/oracle/excerpt.ts';
import type { Diagnostic, OracleRun } from '../../../lib/task/verdict.ts';

function failedRun(diagnostics: Diagnostic[], log = ''): OracleRun {
  return {
    phase: 'compile',
    status: 'fail',
    tool: 'python3',
    argv: [],
    exit: 1,
    ms: 1,
    tests: null,
    cases: [],
    suite_ran: false,
    diagnostics,
    tree_hash: 'tree',
    log,
  };
}

describe('feedback to a model', () => {
  test('groups diagnostics by file, with three lines of source', () => {
    const run = failedRun([
      { file: 'a.py', line: 2, code: 'SyntaxError', message: 'invalid syntax' },
      { file: 'b.py', message: 'bad' },
    ]);
    const source = (path: string) => (path === 'a.py' ? 'one\ntwo\nthree\nfour\n' : undefined);
    expect(feedbackOf(run, source)).toBe(
      'In a.py:\n- line 2: SyntaxError: invalid syntax\n    1 | one\n    2 | two\n    3 | three\n\nIn b.py:\n- bad',
    );
  });

  test('has the first eight only, and at most 4,000 characters', () => {
    const many = Array.from({ length: 20 }, (_, at) => ({
      message: `fault ${at} ${'x'.repeat(900)}`,
    }));
    const text = feedbackOf(failedRun(many), () => undefined);
    expect(text.length).toBeLessThanOrEqual(4_000);
    expect(text).not.toContain('fault 8');
  });

  test('is the log where nothing could be read out of it', () => {
    expect(feedbackOf(failedRun([], 'boom'), () => undefined)).toBe('boom');
    const long = excerpt(`start${'x'.repeat(10_000)}end`);
    expect(long.length).toBeLessThan(4_100);
    expect(long).toMatch(/^start.*left out.*end$/s);
  });

  test('a failure is the same wherever its line has moved to', () => {
    const at = (line: number) => failureHash(failedRun([{ file: 'a.py', line, message: 'bad' }]));
    expect(at(3)).toBe(at(30));
    expect(at(3)).not.toBe(failureHash(failedRun([{ file: 'a.py', line: 3, message: 'worse' }])));
  });
});
