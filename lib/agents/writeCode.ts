import type { ChatMessage } from '../llm/llm.ts';
import { type CodeOutput, codeStep } from './codeStep.ts';
import type { EditProblem } from './edits/parseEdits.ts';
import { buildAgain, promptTokens } from './prompt.ts';
import type { TaskRun } from './taskRun.ts';

/** Over all rounds of a task. */
const MAX_FORMAT_ERRORS = 3;

/** Fewer tokens than this are no answer. */
const LEAST_TOKENS = 16;

export interface Round {
  /** Of the journal: `code.1` for the first answer, then one more for each repair. */
  key: string;
  title: string;
  messages: readonly ChatMessage[];
  /** Files whose content the messages hold. */
  files: readonly string[];
  expected?: readonly string[];
  fresh: boolean;
}

export interface Written {
  /** True when the work tree was changed. */
  changed: boolean;
  /** Of all the answers of the round. */
  editHash: string;
  problems: readonly EditProblem[];
}

/** One round: an answer, and the files asked for again that could not be taken from it. */
export async function writeCode(run: TaskRun, round: Round): Promise<Written> {
  const { key } = round;
  const outputs = [await codeStep(run, round)];
  let asked = round.messages;
  for (let again = 1; mayAskAgain(run, round, outputs.at(-1)); again++) {
    const last = outputs.at(-1);
    if (last === undefined) break;
    run.formatErrors += 1;
    if (run.formatErrors >= MAX_FORMAT_ERRORS) break;
    asked = buildAgain(round.messages, last.answer, tellProblems(last));
    if (!fits(run, asked)) break;
    const title = 'Ask again for what could not be used';
    outputs.push(
      await codeStep(run, {
        ...round,
        ...{ key: `${key}.again.${again}`, title, messages: asked, fresh: false },
      }),
    );
  }
  return {
    changed: outputs.some(({ files }) => files.length > 0),
    editHash: outputs.map(({ edit_hash }) => edit_hash).join(' '),
    problems: outputs.at(-1)?.problems ?? [],
  };
}

export function fits(run: TaskRun, messages: readonly ChatMessage[]): boolean {
  return promptTokens(messages) + LEAST_TOKENS <= run.request.model.context_tokens;
}

export function hasBudget(run: TaskRun): boolean {
  return run.budget.tokensLeft >= LEAST_TOKENS && run.budget.modelMsLeft > 0;
}

function mayAskAgain(run: TaskRun, round: Round, last: CodeOutput | undefined): boolean {
  if (last === undefined || !run.tools.provider.goalAddressed || !hasBudget(run)) return false;
  if (unusable(last).length > 0) return true;
  // A repair that changes nothing is the same edit a second time: no answer will be better.
  return last.files.length === 0 && round.key.startsWith('code.1');
}

/** A path that must not be written is no slip of the form: asking again would only invite it again. */
function unusable({ problems }: CodeOutput): EditProblem[] {
  return problems.filter(({ code }) => code !== 'excluded_path' && code !== 'unsafe_path');
}

function tellProblems(last: CodeOutput): string {
  const problems = unusable(last);
  if (problems.length === 0) return '- the answer changes nothing';
  return problems
    .map(({ code, path, detail }) => {
      const told = `- ${path === undefined ? '' : `${path}: `}${WORDS[code]}`;
      return detail === undefined ? told : `${told} (${detail})`;
    })
    .join('\n');
}

const WORDS: Record<EditProblem['code'], string> = {
  no_blocks: 'no file was found in the answer',
  missing_file: 'this expected file is missing',
  unsafe_path: 'this path leads out of the repository',
  ambiguous_path: 'this path fits several files; write it from the root',
  excluded_path: 'this path must not be written',
  no_fence: 'the content stands in no fence',
  truncated: 'the file was cut off',
  empty: 'the file is empty',
  placeholder: 'part of the file is abbreviated; write it completely',
  malformed_edit: 'the edit is malformed; write the whole file',
  search_miss: 'the text to replace is not in the file; write the whole file',
  search_ambiguous: 'the text to replace is there more than once; write the whole file',
};
