import type { OracleRun } from '../task/verdict.ts';
import { failureHash, feedbackOf, whatFailed } from './feedback.ts';
import { type Judged, judgeTree } from './judgeTree.ts';
import { readSmallText } from './oracle/judgedTree.ts';
import { buildRepair, forOneFile } from './prompt.ts';
import type { PromptName } from './promptTemplate.ts';
import { isSmall } from './smallModel.ts';
import type { TaskRun } from './taskRun.ts';
import { changedFiles } from './workTree.ts';
import { hasBudget, mayFit, type Round, type Written, writeCode } from './writeCode.ts';

/** Self-repair works in its first two rounds; later ones cost and rarely help. */
const MAX_REPAIRS = 2;

/** Judges what was written and has it repaired, until it passes or no better answer can be expected. */
export async function prove(run: TaskRun, first: Written): Promise<Judged> {
  let judged = await judgeTree(run, 1);
  const failures = new Set<string>();
  const edits = new Set([first.editHash]);
  for (let repair = 1; repair <= MAX_REPAIRS; repair++) {
    const failed = repairable(run, judged);
    if (failed === undefined) break;
    const round = await nextRound(run, { failed, number: repair + 1, failures });
    if (!(await mayFit(run, round.key, round.messages))) break;
    const written = await writeCode(run, round);
    const isRepeated = edits.has(written.editHash);
    edits.add(written.editHash);
    if (written.changed || round.fresh) judged = await judgeTree(run, repair + 1);
    if (!written.changed || isRepeated) break;
  }
  return judged;
}

/** The run that another answer could turn around, while there is something left to ask with. */
function repairable(run: TaskRun, { runs }: Judged): OracleRun | undefined {
  if (!run.tools.provider.goalAddressed || !hasBudget(run)) return undefined;
  return runs
    .map((judged) => judged.run)
    .find(({ status }) => status === 'fail' || status === 'suspect' || status === 'timeout');
}

interface NextRound {
  failed: OracleRun;
  number: number;
  /** Hashes of the failures so far; the new one is added. */
  failures: Set<string>;
}

/** A repair; a fresh sample when the last repair left the failure as it was. */
async function nextRound(run: TaskRun, { failed, number, failures }: NextRound): Promise<Round> {
  const hash = failureHash(failed);
  const isStuck = failures.has(hash);
  failures.add(hash);
  const key = `code.${number}`;
  const { firstPrompt: first, shown, templates } = run;
  if (isStuck) {
    const again = { messages: first, files: shown, templates };
    return { key, title: 'Write the code afresh', ...again, fresh: true };
  }
  const { workDir } = run.request;
  const changed = await changedFiles(run);
  const repair = buildRepair({
    first,
    files: changed,
    what: whatFailed(failed),
    feedback: feedbackOf(failed, (path) => readSmallText(workDir, path)),
  });
  const isOne = isSmall(run.request.model);
  const messages = isOne ? forOneFile(repair) : repair;
  const made: PromptName[] = isOne ? ['repair', 'one'] : ['repair'];
  const files = [...new Set([...shown, ...changed.map(({ path }) => path)])];
  const asked = { messages, files, templates: [...templates, ...made] };
  return { key, title: 'Repair the code', ...asked, fresh: false };
}
