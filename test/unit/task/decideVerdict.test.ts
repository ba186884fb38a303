import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decideVerdict } from '../../../lib/task/decideVerdict.ts';
import type { OracleRun, Proof } from '../../../lib/task/verdict.ts';

function oracleRun(run: Partial<OracleRun>): OracleRun {
  return {
    phase: 'smoke',
    status: 'pass',
    tool: 'python3',
    argv: ['python3'],
    exit: 0,
    ms: 1,
    tests: null,
    cases: [],
    suite_ran: true,
    diagnostics: [],
    tree_hash: 'tree',
    log: '',
    ...run,
  };
}

const COMPILED = oracleRun({ phase: 'compile', suite_ran: false });
const TESTED = oracleRun({ phase: 'smoke' });

function proof(part: Partial<Proof>): Proof {
  return {
    tree_hash: 'tree',
    base_tree_hash: 'base',
    expected_files: [],
    non_negotiables: [],
    baseline: [],
    runs: [COMPILED, TESTED],
    tests: 'none',
    fixed: [],
    regressed: [],
    goal_addressed: true,
    ...part,
  };
}

const PROVED = { tests: 'base', fixed: ['test_a.py::A.test'] } as const;
const WRONG_JDK = {
  name: 'jdk',
  asked: '21',
  found: '17',
  satisfied: false,
  remedy: 'Install a JDK 21.',
} as const;
const FAILED = oracleRun({ status: 'fail' });

const ROWS: [string, Partial<Proof>, string, string?][] = [
  ['a test of the base tree that failed passes now', { ...PROVED, fixed: ['a::b'] }, 'verified'],
  [
    "the user's command failed on the base tree and passes now",
    {
      tests: 'command',
      baseline: [oracleRun({ phase: 'command', status: 'fail' })],
      runs: [COMPILED, oracleRun({ phase: 'command' })],
    },
    'verified',
  ],
  [
    "the user's command passed before already",
    {
      tests: 'none',
      baseline: [oracleRun({ phase: 'command' })],
      runs: [COMPILED, oracleRun({ phase: 'command' })],
    },
    'partially_verified',
  ],
  ['only tests of the run speak', { tests: 'generated' }, 'partially_verified'],
  ['no test speaks', { tests: 'none' }, 'partially_verified'],
  [
    'there is no test at all',
    { runs: [COMPILED, oracleRun({ status: 'not_run', reason: 'the repository has no tests' })] },
    'partially_verified',
  ],
  [
    'the scaffold turned a test around',
    { ...PROVED, fixed: ['a::b'], goal_addressed: false },
    'partially_verified',
  ],
  [
    'the compile run failed',
    { runs: [oracleRun({ phase: 'compile', status: 'fail' })] },
    'refuted',
  ],
  ['a test run failed', { ...PROVED, fixed: ['a::b'], runs: [COMPILED, FAILED] }, 'refuted'],
  ['a run is suspect', { runs: [COMPILED, oracleRun({ status: 'suspect' })] }, 'refuted'],
  ['a test regressed', { ...PROVED, fixed: ['a::b'], regressed: ['a::c'] }, 'refuted'],
  [
    'an expected file is missing',
    { ...PROVED, fixed: ['a::b'], expected_files: [{ path: 'a.py', present: false }] },
    'refuted',
  ],
  [
    'an expected file is missing and a demand does not hold',
    { expected_files: [{ path: 'a.py', present: false }], non_negotiables: [WRONG_JDK] },
    'refuted',
  ],
  [
    'a demand does not hold',
    { runs: [], non_negotiables: [WRONG_JDK] },
    'unverified',
    'non_negotiable_unsatisfied',
  ],
  [
    'a substitute run failed where a demand does not hold',
    { runs: [FAILED], non_negotiables: [WRONG_JDK] },
    'unverified',
    'non_negotiable_unsatisfied',
  ],
  [
    'there is no sandbox',
    { runs: [oracleRun({ phase: 'compile', status: 'not_run', cause: 'sandbox_unavailable' })] },
    'unverified',
    'sandbox_unavailable',
  ],
  [
    'dependencies are missing',
    { runs: [COMPILED, oracleRun({ status: 'infra' })] },
    'unverified',
    'dependencies_missing',
  ],
  [
    'every test was skipped',
    { runs: [COMPILED, oracleRun({ status: 'not_run', cause: 'no_tests_executed' })] },
    'unverified',
    'no_tests_executed',
  ],
  [
    'the tests did not end',
    { runs: [COMPILED, oracleRun({ status: 'timeout' })] },
    'unverified',
    'oracle_timed_out',
  ],
  ['no oracle was asked for', { runs: [] }, 'unverified', 'oracle_not_requested'],
  [
    'nothing could be compiled',
    { runs: [oracleRun({ phase: 'compile', status: 'not_run' }), TESTED] },
    'unverified',
    'toolchain_missing',
  ],
];

describe('the verdict', () => {
  test.each(ROWS)('when %s', (_when, part, name, reason) => {
    const verdict = decideVerdict(proof(part));
    expect(verdict.name).toBe(name);
    expect(verdict.reason).toBe(reason);
  });

  test('says what would lift it', () => {
    expect(decideVerdict(proof({ runs: [], non_negotiables: [WRONG_JDK] }))).toEqual({
      name: 'unverified',
      reason: 'non_negotiable_unsatisfied',
      summary: 'Not proved: jdk 21 was asked, found 17.',
      remedy: 'Install a JDK 21.',
    });
  });
});

const anyRun = fc
  .record({
    phase: fc.constantFrom(
      'compile' as const,
      'smoke' as const,
      'full' as const,
      'command' as const,
    ),
    status: fc.oneof(
      { weight: 8, arbitrary: fc.constant('pass' as const) },
      fc.constantFrom(...(['fail', 'infra', 'timeout', 'not_run', 'suspect'] as const)),
    ),
    cause: fc.option(
      fc.constantFrom('sandbox_unavailable' as const, 'no_tests_executed' as const),
      {
        nil: undefined,
      },
    ),
  })
  .map(({ cause, ...run }) => oracleRun({ ...run, ...(cause === undefined ? {} : { cause }) }));

const anyProof = fc
  .record({
    expected_files: fc.array(fc.record({ path: fc.constant('a.py'), present: fc.boolean() })),
    non_negotiables: fc.array(fc.boolean().map((satisfied) => ({ ...WRONG_JDK, satisfied }))),
    baseline: fc.array(anyRun, { maxLength: 3 }),
    runs: fc.array(anyRun, { maxLength: 4 }),
    tests: fc.constantFrom(...(['base', 'command', 'generated', 'none'] as const)),
    fixed: fc.array(fc.constant('a::b'), { maxLength: 1 }),
    regressed: fc.array(fc.constant('a::c'), { maxLength: 1 }),
    goal_addressed: fc.boolean(),
  })
  .map(proof);

describe('whatever the proof', () => {
  const isGood = (found: Proof) =>
    ['verified', 'partially_verified'].includes(decideVerdict(found).name);

  function counterexample(property: (found: Proof) => boolean): unknown {
    return fc.check(fc.property(anyProof, property), { numRuns: 3_000 }).counterexample;
  }

  test('nothing good is said of a tree with a failed or suspect run, a regression or a missing file', () => {
    const counter = counterexample((found) => {
      const bad =
        found.runs.some(({ status }) => status === 'fail' || status === 'suspect') ||
        found.regressed.length > 0 ||
        found.expected_files.some(({ present }) => !present);
      return !(bad && isGood(found));
    });
    expect(counter).toBeNull();
  });

  test('nothing good is said without a compile run that passed, or where a demand does not hold', () => {
    const counter = counterexample((found) => {
      const compiled = found.runs.some(
        ({ phase, status }) => phase === 'compile' && status === 'pass',
      );
      const demanded = found.non_negotiables.every(({ satisfied }) => satisfied);
      return !isGood(found) || (compiled && demanded);
    });
    expect(counter).toBeNull();
  });

  test('nothing is verified unless the goal was addressed and something failed before', () => {
    const counter = counterexample((found) => {
      const failedBefore =
        found.fixed.length > 0 ||
        found.baseline.some(({ phase, status }) => phase === 'command' && status === 'fail');
      return decideVerdict(found).name !== 'verified' || (found.goal_addressed && failedBefore);
    });
    expect(counter).toBeNull();
  });

  test('an unverified verdict names its reason, and no other does', () => {
    const counter = counterexample((found) => {
      const { name, reason } = decideVerdict(found);
      return (name === 'unverified') === (reason !== undefined);
    });
    expect(counter).toBeNull();
  });
});
