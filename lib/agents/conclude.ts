import { commandFlipped, decideVerdict } from '../task/decideVerdict.ts';
import type { Proof, Verdict } from '../task/verdict.ts';
import type { Judged } from './judgeTree.ts';
import { baseTestsOf, newTestsSpeak } from './newTests.ts';
import { fixedCases, type JudgedRun, regressedCases } from './oracle/cases.ts';
import type { TaskRun } from './taskRun.ts';

/** Puts together what was found out about the final tree, and has the verdict decided from it. */
export async function conclude(
  run: TaskRun,
  baseline: readonly JudgedRun[],
  judged: Judged,
): Promise<{ proof: Proof; verdict: Verdict }> {
  const { payload } = run.request;
  const before = baseline;
  const now = judged.runs;
  const baseTests = baseTestsOf(run);
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
  const speak =
    judged.newTestsSpeak ?? (await newTestsSpeak(run, judged, { baseTests, step: 'generated' }));
  return speak ? 'generated' : 'none';
}
