import { type TreeFile, treeHash } from '../sandbox/workspace/tree.ts';
import type { TaskPayload } from '../task/payload.ts';
import type { NonNegotiableFact, OraclePhase, OracleRun } from '../task/verdict.ts';
import type { StepOutcome } from './journal.ts';
import type { JudgedRun } from './oracle/cases.ts';
import { detectProject } from './oracle/detect.ts';
import { checkNonNegotiables } from './oracle/nonNegotiables.ts';
import { runOracle } from './oracle/runOracle.ts';
import type { TaskRun } from './taskRun.ts';

type Phase = Exclude<OraclePhase, 'non_negotiables'>;

/** Left to write down the result after the last tool was stopped. */
const MARGIN_MS = 300;
const MAX_PHASE_MS: Record<Phase, number> = {
  compile: 300_000,
  smoke: 120_000,
  full: 3_600_000,
  command: 3_600_000,
};

/** The phases that the user asked for; compiling comes with any of them. */
export function askedPhases({ oracle }: TaskPayload): Phase[] {
  const asked: Phase[] = [];
  if (oracle.smoke) asked.push('smoke');
  if (oracle.full) asked.push('full');
  if (oracle.command !== undefined) asked.push('command');
  return asked.length === 0 ? [] : ['compile', ...asked];
}

/** What was there before: the same oracle on the untouched tree, so that old failures are not the answer's. */
export async function baselineStep(run: TaskRun): Promise<JudgedRun[]> {
  const { request, tools } = run;
  const { payload, baseDir } = request;
  const asked = askedPhases(payload).filter((phase) => phase !== 'compile');
  // All tests include the quick ones.
  const phases = asked.filter((phase) => phase !== 'smoke' || !asked.includes('full'));
  if (phases.length === 0 || !holds(factsOf(run, run.baseFiles))) return [];
  return tools.journal.step<JudgedRun[]>({
    key: 'baseline',
    title: 'Run the tests before anything is changed',
    input: { tree: run.baseHash, phases, ...oracleInput(run) },
    run: async () => {
      const runs: JudgedRun[] = [];
      for (const phase of phases) {
        const wallMs = Math.min(MAX_PHASE_MS[phase], run.budget.msLeft / 3);
        runs.push(
          await judge(run, { step: 'baseline', phase, tree: baseDir, treeFiles: run.base, wallMs }),
        );
      }
      return { output: runs, ok: true, tokens: 0, detail: runs.map(tellRun).join('; ') };
    },
  });
}

/** Checks what the user demanded. Nothing else is run where it does not hold. */
export async function nonNegotiablesStep(
  run: TaskRun,
  round: number | string,
  files: readonly string[],
): Promise<NonNegotiableFact[]> {
  const asked = run.request.payload.non_negotiables;
  if (asked.build_tool === undefined && asked.jdk === undefined) return [];
  // Without a sandbox no tool was asked for its version: nothing is known, and the oracle says why.
  if (run.tools.sandbox.status().tier === 'none') return [];
  const facts = factsOf(run, files);
  const key = `non_negotiables.${round}`;
  return run.tools.journal.step<NonNegotiableFact[]>({
    key,
    title: 'Check the non-negotiables',
    input: { facts },
    run: async () => {
      const tree = await treeHash(run.request.workDir);
      await run.tools.journal.emit({
        type: 'oracle.finished',
        data: { step: key, ...factsRun(facts, tree) },
      });
      const detail = facts
        .map(({ name, asked, found }) => `${name} ${asked}: found ${found ?? 'none'}`)
        .join('; ');
      return { output: facts, ok: holds(facts), tokens: 0, detail };
    },
  });
}

function factsOf(run: TaskRun, files: readonly string[]): NonNegotiableFact[] {
  const { non_negotiables, input } = run.request.payload;
  const project = detectProject(files, input.language, non_negotiables.build_tool);
  return checkNonNegotiables(non_negotiables, run.toolchains, project);
}

export function holds(facts: readonly NonNegotiableFact[]): boolean {
  return facts.every(({ satisfied }) => satisfied);
}

function factsRun(facts: readonly NonNegotiableFact[], tree: string) {
  const missing = facts.filter(({ satisfied }) => !satisfied);
  const remedies = missing.flatMap(({ remedy }) => remedy ?? []);
  return {
    phase: 'non_negotiables' as const,
    status: missing.length === 0 ? ('pass' as const) : ('not_run' as const),
    tool: '',
    argv: [],
    exit: null,
    ms: 0,
    tests: null,
    suite_ran: false,
    diagnostics: [],
    tree_hash: tree,
    ...(missing.length === 0
      ? {}
      : {
          cause: 'non_negotiable_unsatisfied' as const,
          reason: missing.map(({ name, asked }) => `${name} ${asked}`).join(', '),
          remedy: remedies.join(' '),
        }),
  };
}

interface PhaseRequest {
  step: string;
  title: string;
  /** The outcome in one line, where "failed" would be the wrong word for it. */
  tell?: (run: OracleRun) => string;
  phase: Phase;
  /** The tree to judge, and what it holds. */
  tree: string;
  treeFiles: readonly TreeFile[];
  /** Part of the input: a step on another tree is stale. */
  treeHash: string;
  overlay?: { from: string; paths: readonly string[] };
}

/** One phase of the oracle on a tree: one step of the journal. */
export function oracleStep(run: TaskRun, request: PhaseRequest): Promise<JudgedRun> {
  const { step, title, phase, tree, treeFiles, overlay, tell } = request;
  return run.tools.journal.step<JudgedRun>({
    key: step,
    title,
    input: { phase, tree: request.treeHash, overlay: overlay?.paths ?? [], ...oracleInput(run) },
    run: async (): Promise<StepOutcome<JudgedRun>> => {
      const wallMs = Math.min(MAX_PHASE_MS[phase], run.budget.msLeft - MARGIN_MS);
      const judged = await judge(run, {
        step,
        phase,
        tree,
        treeFiles,
        wallMs,
        ...(overlay && { overlay }),
      });
      const detail = tell?.(judged.run) ?? tellRun(judged);
      return { output: judged, ok: wasJudged(judged.run), tokens: 0, detail };
    },
  });
}

function oracleInput({ request, baseHash, environment }: TaskRun) {
  const { oracle, non_negotiables, input } = request.payload;
  return { base: baseHash, oracle, non_negotiables, language: input.language, environment };
}

async function judge(
  run: TaskRun,
  request: {
    step: string;
    phase: Phase;
    tree: string;
    treeFiles: readonly TreeFile[];
    wallMs: number;
    overlay?: { from: string; paths: readonly string[] };
  },
): Promise<JudgedRun> {
  const { sandbox, journal, signal } = run.tools;
  const { payload, baseDir, scratchDir } = run.request;
  const emit: typeof journal.emit = (event) => journal.emit(event);
  const deny: typeof journal.deny = (denials) => journal.deny(denials);
  const judged = await runOracle(
    { sandbox, toolchains: run.toolchains, emit, deny, signal },
    { ...request, payload, base: baseDir, baseFiles: run.base, judging: run.judging, scratchDir },
  );
  const { cases: _cases, log: _log, ...told } = judged.run;
  await emit({ type: 'oracle.finished', data: { step: request.step, ...told } });
  return judged;
}

/** What the environment lacked may be there at a resume: such a step is run again. */
function wasJudged({ status, cause }: OracleRun): boolean {
  return cause === undefined && status !== 'infra' && status !== 'timeout';
}

function tellRun({ run }: JudgedRun): string {
  const counts =
    run.tests === null ? '' : `, ${run.tests.passed} of ${run.tests.total} tests passed`;
  const reason = run.reason === undefined ? '' : ` (${run.reason})`;
  const [first] = run.status === 'fail' ? run.diagnostics : [];
  const place = [first?.file, first?.line].filter((part) => part !== undefined).join(':');
  const why = first === undefined ? '' : `: ${place === '' ? '' : `${place}: `}${first.message}`;
  return `${run.phase} ${WORDS[run.status]}${counts}${reason}${why}`;
}

const WORDS: Record<OracleRun['status'], string> = {
  pass: 'passed',
  fail: 'failed',
  infra: 'could not run',
  timeout: 'timed out',
  not_run: 'did not run',
  suspect: 'is suspect',
};
