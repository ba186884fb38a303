import type { OracleRun, Proof, UnverifiedReason, Verdict } from './verdict.ts';

/**
 * What the proof shows; nothing else makes a verdict. The first rule that holds decides:
 * 1. an expected file is missing: refuted;
 * 2. a demand of the user does not hold here: unverified (a substitute run is a fact, never a verdict);
 * 3. an oracle run failed, is suspect, or a test regressed: refuted;
 * 4. something could not be run or did not end: unverified, with the first reason;
 * 5. nothing was compiled, or nothing was asked for: unverified;
 * 6. a test of the base tree or the user's command failed before and passes now: verified;
 * 7. else partially verified.
 */
export function decideVerdict(proof: Proof): Verdict {
  return (
    missingFiles(proof) ??
    unsatisfiedDemand(proof) ??
    failedOracle(proof) ??
    openQuestion(proof) ??
    notJudged(proof) ??
    proved(proof)
  );
}

function missingFiles(proof: Proof): Verdict | undefined {
  const missing = proof.expected_files.filter((file) => !file.present).map((file) => file.path);
  if (missing.length === 0) return undefined;
  return { name: 'refuted', summary: `Expected but not there: ${missing.join(', ')}.` };
}

function unsatisfiedDemand(proof: Proof): Verdict | undefined {
  const facts = proof.non_negotiables.filter((fact) => !fact.satisfied);
  if (facts.length === 0) return undefined;
  const told = facts.map(
    (fact) => `${fact.name} ${fact.asked} was asked, found ${fact.found ?? 'none'}`,
  );
  const remedies = facts.flatMap((fact) => fact.remedy ?? []);
  return unverified(
    'non_negotiable_unsatisfied',
    `Not proved: ${told.join('; ')}.`,
    remedies.length > 0 ? remedies.join(' ') : undefined,
  );
}

function failedOracle(proof: Proof): Verdict | undefined {
  const run = proof.runs.find(({ status }) => status === 'fail' || status === 'suspect');
  if (run !== undefined) return { name: 'refuted', summary: tellFailure(run) };
  if (proof.regressed.length === 0) return undefined;
  return {
    name: 'refuted',
    summary: `Passed before and not now: ${proof.regressed.slice(0, 5).join(', ')}.`,
  };
}

function tellFailure(run: OracleRun): string {
  if (run.status === 'suspect') {
    return `The ${run.phase} run cannot be believed: ${run.reason ?? 'it ended well without a test having run'}.`;
  }
  const why = run.reason === undefined ? '' : ` (${run.reason})`;
  if (run.tests === null) return `The ${run.phase} run failed${why}.`;
  const bad = run.tests.failed + run.tests.errors;
  return `The ${run.phase} run failed: ${bad} of ${run.tests.total} tests${why}.`;
}

const UNFINISHED: Partial<Record<OracleRun['status'], UnverifiedReason>> = {
  timeout: 'oracle_timed_out',
  infra: 'dependencies_missing',
};

function openQuestion(proof: Proof): Verdict | undefined {
  for (const run of proof.runs) {
    if (run.status === 'pass') continue;
    const reason = run.cause ?? UNFINISHED[run.status];
    if (reason === undefined) continue;
    return unverified(
      reason,
      `Not proved: the ${run.phase} run ${STATUS_WORDS[run.status]}${run.reason === undefined ? '' : ` (${run.reason})`}.`,
      run.remedy,
    );
  }
  return undefined;
}

const STATUS_WORDS: Record<OracleRun['status'], string> = {
  pass: 'passed',
  fail: 'failed',
  infra: 'lacked something',
  timeout: 'did not end in time',
  not_run: 'was not possible',
  suspect: 'cannot be believed',
};

function notJudged(proof: Proof): Verdict | undefined {
  if (proof.runs.length === 0) {
    return unverified(
      'oracle_not_requested',
      'Not proved: no oracle was asked for.',
      'Submit with oracle.smoke, oracle.full or oracle.command.',
    );
  }
  if (proof.runs.some((run) => run.phase === 'compile' && run.status === 'pass')) return undefined;
  return unverified('toolchain_missing', 'Not proved: nothing could be compiled.', undefined);
}

function proved(proof: Proof): Verdict {
  const command = commandFlipped(proof);
  if (proof.goal_addressed && proof.tests === 'command' && command) {
    return {
      name: 'verified',
      summary: "The user's command failed on the base tree and passes now.",
    };
  }
  if (proof.goal_addressed && proof.tests === 'base' && proof.fixed.length > 0) {
    return { name: 'verified', summary: tellFixed(proof.fixed.length) };
  }
  return { name: 'partially_verified', summary: tellPartial(proof) };
}

/** True when the user's acceptance check failed on the base tree and passes on the result. */
export function commandFlipped(proof: Pick<Proof, 'baseline' | 'runs'>): boolean {
  const before = proof.baseline.find((run) => run.phase === 'command');
  const now = proof.runs.find((run) => run.phase === 'command');
  return before?.status === 'fail' && now?.status === 'pass';
}

function tellFixed(count: number): string {
  return count === 1
    ? 'One test of the base tree failed before and passes now; nothing regressed.'
    : `${count} tests of the base tree failed before and pass now; nothing regressed.`;
}

function tellPartial(proof: Proof): string {
  if (!proof.goal_addressed) return 'It compiles, but the goal itself was not addressed.';
  if (proof.tests === 'generated') {
    return 'It compiles and nothing fails, but only tests written in this run speak for the goal.';
  }
  return 'It compiles and nothing fails, but no test speaks for the goal.';
}

function unverified(
  reason: UnverifiedReason,
  summary: string,
  remedy: string | undefined,
): Verdict {
  return { name: 'unverified', reason, summary, ...(remedy === undefined ? {} : { remedy }) };
}
