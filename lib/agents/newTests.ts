import type { OracleRun } from '../task/verdict.ts';
import type { Judged } from './judgeTree.ts';
import { fixedCases } from './oracle/cases.ts';
import { isTestModule } from './oracle/testFiles.ts';
import { askedPhases, oracleStep } from './oracleSteps.ts';
import type { TaskRun } from './taskRun.ts';

/** A test written in the run says something only if it fails on the base tree. `step` is the key in the journal. */
export async function newTestsSpeak(
  run: TaskRun,
  judged: Judged,
  { baseTests, step }: { baseTests: ReadonlySet<string>; step: string },
): Promise<boolean> {
  const { payload, baseDir, workDir } = run.request;
  const { language } = payload.input;
  const paths = judged.files.filter((path) => isTestModule(language, path) && !baseTests.has(path));
  const phase = askedPhases(payload).find((asked) => asked === 'smoke' || asked === 'full');
  const hasPassed = judged.runs.some((one) => one.run.phase === phase && one.run.status === 'pass');
  if (paths.length === 0 || phase === undefined || !hasPassed) return false;
  const onBase = await oracleStep(run, {
    step,
    title: 'Run the new tests on the tree before the change',
    phase,
    tree: baseDir,
    treeFiles: run.base,
    treeHash: judged.treeHash,
    overlay: { from: workDir, paths },
    tell: ({ status, reason }) => TOLD[status] ?? `could not be told (${reason ?? status})`,
  });
  const generated = new Set(paths);
  return fixedCases({ before: [onBase], now: judged.runs, baseTests: generated }).length > 0;
}

const TOLD: Partial<Record<OracleRun['status'], string>> = {
  fail: 'the new tests fail without the change, as they must',
  pass: 'the new tests pass without the change too: they say nothing of it',
};

/** The test files of the tree that the task started from. */
export function baseTestsOf({ request, baseFiles }: TaskRun): Set<string> {
  const { language } = request.payload.input;
  return new Set(baseFiles.filter((path) => isTestModule(language, path)));
}
