import * as z from 'zod';

export const VerdictName = z.enum(['verified', 'partially_verified', 'unverified', 'refuted']);
export type VerdictName = z.infer<typeof VerdictName>;

export const Diagnostic = z.object({
  file: z.string().optional(),
  line: z.int().optional(),
  code: z.string().optional(),
  message: z.string(),
});
export type Diagnostic = z.infer<typeof Diagnostic>;

export const TestCase = z.object({
  /** Stable name: `<class or file>::<test>`. */
  name: z.string(),
  outcome: z.enum(['passed', 'failed', 'errored', 'skipped']),
});
export type TestCase = z.infer<typeof TestCase>;

export const TestCounts = z.object({
  total: z.int(),
  passed: z.int(),
  failed: z.int(),
  errors: z.int(),
  skipped: z.int(),
});
export type TestCounts = z.infer<typeof TestCounts>;

export const OraclePhase = z.enum(['non_negotiables', 'compile', 'smoke', 'full', 'command']);
export type OraclePhase = z.infer<typeof OraclePhase>;

export const UnverifiedReason = z.enum([
  'sandbox_unavailable',
  'non_negotiable_unsatisfied',
  'dependencies_missing',
  'no_tests_executed',
  'oracle_timed_out',
  'oracle_not_requested',
  'toolchain_missing',
]);
export type UnverifiedReason = z.infer<typeof UnverifiedReason>;

/** One run of a tool that judges the tree. `infra` and `not_run` are not the patch's fault. */
export const OracleRun = z.object({
  phase: OraclePhase,
  status: z.enum(['pass', 'fail', 'infra', 'timeout', 'not_run', 'suspect']),
  tool: z.string(),
  argv: z.array(z.string()),
  exit: z.int().nullable(),
  ms: z.int(),
  tests: TestCounts.nullable(),
  cases: z.array(TestCase).max(500).default([]),
  suite_ran: z.boolean(),
  diagnostics: z.array(Diagnostic).max(20),
  /** SHA-256 of the tree that was judged, in hex. */
  tree_hash: z.string(),
  /** Why it did not run, or what the environment lacked. */
  reason: z.string().optional(),
  /** The same by name, where it keeps the tree from being proved. */
  cause: UnverifiedReason.optional(),
  /** What a person can do about it. */
  remedy: z.string().optional(),
  /** Head and tail of the output, at most 4,000 characters. */
  log: z.string().default(''),
});
export type OracleRun = z.infer<typeof OracleRun>;

/** A fact about what the user demanded, checked before anything is written. */
export const NonNegotiableFact = z.object({
  name: z.enum(['build_tool', 'jdk']),
  asked: z.string(),
  found: z.string().nullable(),
  satisfied: z.boolean(),
  remedy: z.string().optional(),
});
export type NonNegotiableFact = z.infer<typeof NonNegotiableFact>;

/** Everything the verdict rests on. Bound to one tree. */
export const Proof = z.object({
  tree_hash: z.string(),
  base_tree_hash: z.string(),
  expected_files: z.array(z.object({ path: z.string(), present: z.boolean() })),
  non_negotiables: z.array(NonNegotiableFact),
  baseline: z.array(OracleRun),
  runs: z.array(OracleRun),
  /** Whose tests speak for the goal. */
  tests: z.enum(['base', 'command', 'generated', 'none']),
  /** Tests that failed on the base tree and pass now. */
  fixed: z.array(z.string()),
  /** Tests that passed on the base tree and fail now. */
  regressed: z.array(z.string()),
  /** False for the scaffold: the goal itself was not addressed. */
  goal_addressed: z.boolean(),
});
export type Proof = z.infer<typeof Proof>;

export const Verdict = z.object({
  name: VerdictName,
  reason: UnverifiedReason.optional(),
  /** One sentence for a person. */
  summary: z.string(),
  /** What would lift an unverified verdict. */
  remedy: z.string().optional(),
});
export type Verdict = z.infer<typeof Verdict>;
