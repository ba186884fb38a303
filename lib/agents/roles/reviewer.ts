import { renderDiff } from '../../sandbox/workspace/renderDiff.ts';
import { Review } from '../../task/roles.ts';
import { askJson } from '../askJson.ts';
import { type Judged, judgeTree, letsPass } from '../judgeTree.ts';
import { baseTestsOf } from '../newTests.ts';
import { fixedCases, type JudgedRun } from '../oracle/cases.ts';
import { buildRepair, buildReview } from '../prompt.ts';
import type { TaskRun } from '../taskRun.ts';
import { tellWorker } from '../tellPrompt.ts';
import { changedFiles, patchOf, takeBack } from '../workTree.ts';
import { hasBudget, mayFit, writeCode } from '../writeCode.ts';
import { mayAsk } from './mayAsk.ts';

const KEY = 'review';
const REVIEW_TOKENS = 1_000;
const LEAST_TOKENS = 1_500;
const MAX_DIFF_CHARS = 24_000;

/**
 * Has the result looked at once by somebody who knows the task, the diff and what the oracle said, and not the chat; then
 * at most one revision, which stays only if the oracle thinks no worse of it. A review changes no verdict.
 */
export async function reviewWork(
  run: TaskRun,
  judged: Judged,
  baseline: readonly JudgedRun[],
): Promise<Judged> {
  if (!needsReview(run, judged, baseline) || !mayAsk(run, KEY, LEAST_TOKENS)) return judged;
  const diff = await beginningOf(run, renderDiff(await patchOf(run)));
  const messages = buildReview(
    run.request.payload,
    diff,
    judged.runs.map(({ run: one }) => one),
  );
  if (!(await mayFit(run, KEY, messages))) return judged;
  const changed = await changedFiles(run);
  const review = await askJson<Review>(run, {
    ...{ key: KEY, title: 'Review the result', messages },
    ...{ files: changed.map(({ path }) => path), templates: ['reviewer'] },
    ...{ shape: Review, maxTokens: REVIEW_TOKENS },
    tell: ({ verdict, issues }) => `${verdict}, issues: ${issues.length}`,
    event: (finished) => ({ type: 'review.finished', data: { step: KEY, ...finished } }),
  });
  return review === undefined ? judged : revise(run, judged, review);
}

/** Of a diff that is too long for a reviewer the beginning; it and the log are told that there is more. */
async function beginningOf({ tools }: TaskRun, diff: string): Promise<string> {
  const more = diff.length - MAX_DIFF_CHARS;
  if (more <= 0) return diff;
  const told = `the reviewer sees the first ${MAX_DIFF_CHARS} characters of the diff, and not the ${more} after them`;
  await tellWorker(tools, KEY, told);
  return `${diff.slice(0, MAX_DIFF_CHARS)}\n[the diff goes on for ${more} more characters]`;
}

/**
 * Where tests of the base tree or the user's own check prove the result, a model's opinion would only cost; unless a style
 * was asked for, which no test sees. What fails is for repair, not for review.
 */
function needsReview(run: TaskRun, judged: Judged, baseline: readonly JudgedRun[]): boolean {
  if (judged.runs.some((one) => !letsPass(one.run) && one.run.cause === undefined)) return false;
  if (run.request.payload.input.constraints.style !== undefined) return true;
  if (run.tools.provider.answersStep !== undefined) return true;
  const known = { before: baseline, now: judged.runs, baseTests: baseTestsOf(run) };
  const hasCommand = run.request.payload.oracle.command !== undefined;
  return !hasCommand && fixedCases(known).length === 0;
}

async function revise(run: TaskRun, judged: Judged, { verdict, issues }: Review): Promise<Judged> {
  if (verdict === 'approve' || issues.length === 0 || !hasBudget(run)) return judged;
  const changed = await changedFiles(run);
  const messages = buildRepair({
    first: run.firstPrompt,
    files: changed,
    what: '',
    feedback: issues.map(tellIssue).join('\n'),
    template: 'revise',
  });
  if (!(await mayFit(run, 'revise.1', messages))) return judged;
  const before = await patchOf(run);
  const files = [...new Set([...run.shown, ...changed.map(({ path }) => path)])];
  const title = 'Revise after the review';
  const templates = [...run.templates, 'revise' as const];
  const asked = { messages, files, templates };
  const written = await writeCode(run, { key: 'revise.1', title, ...asked, fresh: false });
  if (!written.changed) return judged;
  const now = await judgeTree(run, 'revise');
  if (isNoWorse(now, judged)) return now;
  const why = 'the revision does worse in the oracle than what it was to improve';
  await takeBack(run, { key: 'revise.rejected', why, patch: before });
  return judged;
}

function tellIssue({ path, line, severity, message }: Review['issues'][number]): string {
  return `- ${path}${line === undefined ? '' : `:${line}`} (${severity}): ${message}`;
}

function isNoWorse(now: Judged, before: Judged): boolean {
  const passed = ({ runs }: Judged) =>
    runs.reduce((sum, { run }) => sum + (run.tests?.passed ?? 0), 0);
  const good = ({ runs }: Judged) => runs.filter(({ run }) => letsPass(run)).length;
  return good(now) >= good(before) && passed(now) >= passed(before);
}
