import { codeStep } from '../codeStep.ts';
import { type Judged, letsPass } from '../judgeTree.ts';
import { baseTestsOf } from '../newTests.ts';
import { isTestModule } from '../oracle/testFiles.ts';
import { buildRolePrompt, withChanges } from '../prompt.ts';
import type { TaskRun } from '../taskRun.ts';
import { changedFiles, patchOf, takeBack } from '../workTree.ts';
import { mayFit } from '../writeCode.ts';
import { mayAsk } from './mayAsk.ts';
import { mendTests, tryTests } from './mendTests.ts';

const KEY = 'tests.1';
const LEAST_TOKENS = 512;

/** A goal that wants tests written; one that only wants them to pass does not. */
const ASKS_FOR_TESTS =
  /\b(?:add|write|create|include|provide|cover)\w*\s+(?:[\w-]+\s+){0,3}tests?\b(?!\s+(?:that\s+)?pass)/i;

/**
 * Has tests written where goal or oracle ask for some and there are none that speak for the change. They stay only if
 * they fail on the tree before the change and pass now; else they, or what they show to be wrong, are repaired. In the
 * end the tree is as it was, and so is what is known of it, where that does not help.
 */
export async function writeTests(run: TaskRun, judged: Judged): Promise<Judged> {
  if (!needsTests(run, judged) || !mayAsk(run, KEY, LEAST_TOKENS)) return judged;
  const changed = await changedFiles(run);
  const messages = buildRolePrompt('tester', withChanges(run.taskPrompt, changed));
  if (!(await mayFit(run, KEY, messages))) return judged;
  const before = await patchOf(run);
  const base = baseTestsOf(run);
  const isNewTest = (path: string) => isTest(run, path) && !base.has(path);
  const { files } = await codeStep(run, {
    ...{ key: KEY, title: 'Write tests', messages, templates: ['tester'] },
    files: [...new Set([...run.shown, ...changed.map(({ path }) => path)])],
    ...{ expected: [], mayWrite: isNewTest, fresh: false },
  });
  if (files.length === 0) return judged;
  const tried = await mendTests(run, await tryTests(run, 'tests', base), base);
  if (tried.fault === undefined) return { ...tried.judged, newTestsSpeak: true };
  const why = `the new tests say nothing: ${tried.fault}`;
  await takeBack(run, { key: 'tests.rejected', why, patch: before });
  return judged;
}

function needsTests(run: TaskRun, judged: Judged): boolean {
  const { payload } = run.request;
  const { goal } = payload.input;
  const base = baseTestsOf(run);
  const hasNew = judged.files.some((path) => isTest(run, path) && !base.has(path));
  const isJudged = judged.runs.length > 0 && judged.runs.every((one) => letsPass(one.run));
  const asks = ASKS_FOR_TESTS.test(goal) || (payload.oracle.full && base.size === 0);
  return isJudged && !hasNew && asks && (payload.oracle.smoke || payload.oracle.full);
}

function isTest({ request }: TaskRun, path: string): boolean {
  return isTestModule(request.payload.input.language, path);
}
