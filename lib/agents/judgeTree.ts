import { hashOfFiles, listTree } from '../sandbox/workspace/tree.ts';
import type { NonNegotiableFact, OracleRun } from '../task/verdict.ts';
import type { JudgedRun } from './oracle/cases.ts';
import { askedPhases, holds, nonNegotiablesStep, oracleStep } from './oracleSteps.ts';
import type { TaskRun } from './taskRun.ts';

/** What is known of the work tree after the last write to it. */
export interface Judged {
  treeHash: string;
  files: string[];
  facts: NonNegotiableFact[];
  runs: JudgedRun[];
  /** Whether the tests of the run fail on the base tree; undefined when nobody has looked. */
  newTestsSpeak?: boolean;
}

const TITLES = {
  compile: 'Compile',
  smoke: 'Run the quick tests',
  full: 'Run all tests',
  command: "Run the user's check",
} as const;

/** Phase after phase, until one does not pass: what follows would judge nothing. */
export async function judgeTree(run: TaskRun, round: number | string): Promise<Judged> {
  const { workDir, payload } = run.request;
  const tree = await listTree(workDir);
  const hash = hashOfFiles(tree);
  const files = tree.filter(({ link }) => link === undefined).map(({ path }) => path);
  const facts = await nonNegotiablesStep(run, round, files);
  const runs: JudgedRun[] = [];
  if (!holds(facts)) return { treeHash: hash, files, facts, runs };
  for (const phase of askedPhases(payload)) {
    const step = `${phase}.${round}`;
    const request = { step, title: TITLES[phase], phase, tree: workDir, treeFiles: tree };
    const judged = await oracleStep(run, { ...request, treeHash: hash });
    runs.push(judged);
    if (!letsPass(judged.run)) break;
  }
  return { treeHash: hash, files, facts, runs };
}

/** Also a phase that has nothing to do, such as tests in a repository without any. */
export function letsPass({ status, cause }: OracleRun): boolean {
  return status === 'pass' || (status === 'not_run' && cause === undefined);
}
