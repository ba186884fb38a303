import { commandFlipped, decideVerdict } from '../task/decideVerdict.ts';
import type { Proof, Verdict } from '../task/verdict.ts';
import { fixedCases, type JudgedRun, regressedCases } from './oracle/cases.ts';
import { isTestModule } from './oracle/testFiles.ts';
import { askedPhases, oracleStep } from './oracleSteps.ts';
import type { Judged } from './prove.ts';
import type { TaskRun } from './taskRun.ts';

/** Puts together what was found out about the final tree, and has the verdict decided from it. */
export async function conclude(
  run: TaskRun,
  baseline: readonly JudgedRun[],
  judged: Judged,
): Promise<{ proof: Proof; verdict: Verdict }> {
  const { payload } = run.request;
  const { language } = payload.input;
  const before = baseline;
  const now = judged.runs;
  const baseTests = new Set(run.baseFiles.filter((path) => isTestModule(language, path)));
  const fixed = fixedCases({ before, now, baseTests });
  const runs = now.map((one) => one.run);
  const earlier = baseline.map((one) => one.run);
  const proof: Proof = {
    tree_hash: judged.treeHash,
    base_tree_hash: run.baseHash,
    expected_files: payload.output_contract.expected_files.map((path) => ({
      path,
      present: judged.files.includes(path),
    })),
    non_negotiables: judged.facts,
    baseline: earlier,
    runs,
    tests: 'none',
    fixed,
    regressed: regressedCases({ before, now, baseTests }),
    goal_addressed: run.tools.provider.goalAddressed,
  };
  proof.tests = await whoseTests(run, proof, { judged, baseTests });
  return { proof, verdict: decideVerdict(proof) };
}

async function whoseTests(
  run: TaskRun,
  proof: Proof,
  { judged, baseTests }: { judged: Judged; baseTests: ReadonlySet<string> },
): Promise<Proof['tests']> {
  if (proof.fixed.length > 0) return 'base';
  if (commandFlipped(proof)) return 'command';
  return (await generatedTestsSpeak(run, judged, baseTests)) ? 'generated' : 'none';
}

/** A test written in the run says something only if it fails on the base tree. */
async function generatedTestsSpeak(
  run: TaskRun,
  judged: Judged,
  baseTests: ReadonlySet<string>,
): Promise<boolean> {
  const { payload, baseDir, workDir } = run.request;
  const { language } = payload.input;
  const paths = judged.files.filter((path) => isTestModule(language, path) && !baseTests.has(path));
  const phase = askedPhases(payload).find((asked) => asked === 'smoke' || asked === 'full');
  const hasPassed = judged.runs.some((one) => one.run.phase === phase && one.run.status === 'pass');
  if (paths.length === 0 || phase === undefined || !hasPassed) return false;
  const onBase = await oracleStep(run, {
    step: 'generated',
    title: 'Run the new tests on the tree before the change',
    phase,
    tree: baseDir,
    treeHash: judged.treeHash,
    overlay: { from: workDir, paths },
  });
  const generated = new Set(paths);
  return fixedCases({ before: [onBase], now: judged.runs, baseTests: generated }).length > 0;
}
