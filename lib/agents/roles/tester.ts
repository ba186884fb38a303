import { codeStep } from '../codeStep.ts';
import { type Judged, judgeTree, letsPass } from '../judgeTree.ts';
import { baseTestsOf, newTestsSpeak } from '../newTests.ts';
import { isTestModule } from '../oracle/testFiles.ts';
import { buildRolePrompt, withChanges } from '../prompt.ts';
import type { TaskRun } from '../taskRun.ts';
import { changedFiles, patchOf, takeBack } from '../workTree.ts';
import { fits } from '../writeCode.ts';
import { mayAsk } from './mayAsk.ts';

const KEY = 'tests.1';
const LEAST_TOKENS = 512;

/** A goal that wants tests written; one that only wants them to pass does not. */
const ASKS_FOR_TESTS =
  /\b(?:add|write|create|include|provide|cover)\w*\s+(?:[\w-]+\s+){0,3}tests?\b(?!\s+(?:that\s+)?pass)/i;

/**
 * Has tests written where goal or oracle ask for some and there are none that speak for the change. They stay only if
 * they fail on the tree before the change and pass now; else the tree is as it was, and so is what is known of it.
 */
export async function writeTests(run: TaskRun, judged: Judged): Promise<Judged> {
  if (!needsTests(run, judged) || !mayAsk(run, KEY, LEAST_TOKENS)) return judged;
  const question = buildRolePrompt('tester', withChanges(run.firstPrompt, await changedFiles(run)));
  if (!fits(run, question)) return judged;
  const before = await patchOf(run);
  const base = baseTestsOf(run);
  const { language } = run.request.payload.input;
  const { files } = await codeStep(run, {
    ...{ key: KEY, title: 'Write tests', messages: question, files: run.shown, fresh: false },
    expected: [],
    mayWrite: (path) => isTestModule(language, path) && !base.has(path),
  });
  if (files.length === 0) return judged;
  const now = await judgeTree(run, 'tests');
  const passes = now.runs.length > 0 && now.runs.every((one) => letsPass(one.run));
  const speaks = passes && (await newTestsSpeak(run, now, base));
  if (speaks) return { ...now, newTestsSpeak: true };
  const why = passes ? 'they pass on the tree before the change too' : 'they do not pass';
  await takeBack(run, {
    key: 'tests.rejected',
    why: `the new tests say nothing: ${why}`,
    patch: before,
  });
  return judged;
}

function needsTests(run: TaskRun, judged: Judged): boolean {
  const { payload } = run.request;
  const { language, goal } = payload.input;
  const base = baseTestsOf(run);
  const hasNew = judged.files.some((path) => isTestModule(language, path) && !base.has(path));
  const isJudged = judged.runs.length > 0 && judged.runs.every((one) => letsPass(one.run));
  const asks = ASKS_FOR_TESTS.test(goal) || (payload.oracle.full && base.size === 0);
  return isJudged && !hasNew && asks && (payload.oracle.smoke || payload.oracle.full);
}
