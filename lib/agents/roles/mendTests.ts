import type { OracleRun } from '../../task/verdict.ts';
import { failureHash, feedbackOf, whatFailed } from '../feedback.ts';
import { type Judged, judgeTree, letsPass } from '../judgeTree.ts';
import { newTestsSpeak } from '../newTests.ts';
import { readSmallText } from '../oracle/judgedTree.ts';
import { isTestModule } from '../oracle/testFiles.ts';
import { buildRepair } from '../prompt.ts';
import type { TaskRun } from '../taskRun.ts';
import { changedFiles } from '../workTree.ts';
import { hasBudget, mayFit, type Written, writeCode } from '../writeCode.ts';

/** New tests together with the code that they test. */
export interface Tried {
  judged: Judged;
  /** What keeps the tests from speaking for the code; undefined when nothing does. */
  fault: string | undefined;
  /** The run that did not pass. */
  failed: OracleRun | undefined;
}

const MAX_REPAIRS = 2;
const SAYS_NOTHING = 'they pass on the tree before the change too';

/** Judges the tree with the new tests; those that pass must fail on the tree before the change. */
export async function tryTests(
  run: TaskRun,
  round: string,
  baseTests: ReadonlySet<string>,
): Promise<Tried> {
  const judged = await judgeTree(run, round);
  const failed = judged.runs.map((one) => one.run).find((one) => !letsPass(one));
  if (failed !== undefined || judged.runs.length === 0) {
    return { judged, failed, fault: 'they do not pass' };
  }
  // The first try is the one whose key is also that of tests which the coder wrote by itself.
  const step = round === 'tests' ? 'generated' : `generated.${round}`;
  const speaks = await newTestsSpeak(run, judged, { baseTests, step });
  return { judged, failed, fault: speaks ? undefined : SAYS_NOTHING };
}

/** Has the code or the new tests repaired, whichever is wrong, until they agree or no better answer can be expected. */
export async function mendTests(
  run: TaskRun,
  first: Tried,
  baseTests: ReadonlySet<string>,
): Promise<Tried> {
  let tried = first;
  const faults = new Set<string>();
  for (let repair = 2; tried.fault !== undefined && repair <= MAX_REPAIRS + 1; repair++) {
    const fault = tried.failed === undefined ? SAYS_NOTHING : failureHash(tried.failed);
    const isInfra = tried.failed?.cause !== undefined;
    if (isInfra || faults.has(fault) || !hasBudget(run)) break;
    faults.add(fault);
    const written = await askToMend(run, { tried, baseTests, key: `tests.${repair}` });
    if (!written?.changed) break;
    tried = await tryTests(run, `tests.${repair}`, baseTests);
  }
  return tried;
}

interface MendRequest {
  tried: Tried;
  baseTests: ReadonlySet<string>;
  key: string;
}

async function askToMend(
  run: TaskRun,
  { tried, baseTests, key }: MendRequest,
): Promise<Written | undefined> {
  const { request, firstPrompt, shown, templates } = run;
  const changed = await changedFiles(run);
  const { failed } = tried;
  const messages = buildRepair({
    first: firstPrompt,
    files: changed,
    what: failed === undefined ? `They say nothing: ${SAYS_NOTHING}.` : whatFailed(failed),
    feedback:
      failed === undefined
        ? ''
        : feedbackOf(failed, (path) => readSmallText(request.workDir, path)),
    template: 'mend',
  });
  if (!(await mayFit(run, key, messages))) return undefined;
  const { language } = request.payload.input;
  return writeCode(run, {
    ...{ key, title: 'Repair the code or its new tests', messages, fresh: false, expected: [] },
    files: [...new Set([...shown, ...changed.map(({ path }) => path)])],
    templates: [...templates, 'mend'],
    mayWrite: (path) => !(isTestModule(language, path) && baseTests.has(path)),
  });
}
