import type { ChatMessage } from '../llm/llm.ts';
import { type CodeOutput, codeStep } from './codeStep.ts';
import type { EditProblem } from './edits/parseEdits.ts';
import { fencedFile } from './fencedFile.ts';
import { fitQuestion } from './fitQuestion.ts';
import { readSmallText } from './oracle/judgedTree.ts';
import { buildAgain, promptTokens } from './prompt.ts';
import type { PromptName } from './promptTemplate.ts';
import type { TaskRun } from './taskRun.ts';
import { tellProblems } from './tellProblems.ts';
import { tellRoomless, tellUnfit } from './tellPrompt.ts';

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
  /** What the messages were made of. */
  templates: readonly PromptName[];
  expected?: readonly string[];
  mayWrite?: (path: string) => boolean;
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
  const first = await codeStep(run, round);
  const outputs = [first];
  let last = first;
  let open = openProblems([], first);
  for (let again = 1; mayAskAgain(run, round, { last, open }); again++) {
    run.formatErrors += 1;
    if (run.formatErrors >= MAX_FORMAT_ERRORS) break;
    const asked = askedAgain(run, round, { last, open });
    const key = `${round.key}.again.${again}`;
    if (asked === undefined) {
      await tellRoomless(run, key);
      break;
    }
    const title = 'Ask again for what could not be used';
    last = await codeStep(run, { ...round, ...asked, key, title, fresh: false });
    outputs.push(last);
    open = openProblems(open, last);
  }
  return {
    changed: outputs.some(({ files }) => files.length > 0),
    editHash: outputs.map(({ edit_hash }) => edit_hash).join(' '),
    problems: problemsLeft(last, open),
  };
}

/** Whether a question leaves room for an answer, if need be with nothing of the repository in it. */
export function fits(run: TaskRun, messages: readonly ChatMessage[]): boolean {
  const { context_tokens: context } = run.request.model;
  if (promptTokens(messages) + LEAST_TOKENS <= context) return true;
  const { messages: least } = fitQuestion(run, { messages, files: run.shown, templates: [] });
  return promptTokens(least) + LEAST_TOKENS <= context;
}

/** The same; where it does not, that is told. */
export async function mayFit(
  run: TaskRun,
  key: string,
  messages: readonly ChatMessage[],
): Promise<boolean> {
  if (fits(run, messages)) return true;
  await tellUnfit(run, key, messages);
  return false;
}

export function hasBudget(run: TaskRun): boolean {
  return run.budget.tokensLeft >= LEAST_TOKENS && run.budget.modelMsLeft > 0;
}

interface Answered {
  last: CodeOutput;
  open: readonly EditProblem[];
}

function mayAskAgain(run: TaskRun, round: Round, { last, open }: Answered): boolean {
  if (!run.tools.provider.goalAddressed || !hasBudget(run)) return false;
  if (open.length > 0) return true;
  // A repair that changes nothing is the same edit a second time: no answer will be better.
  return last.files.length === 0 && round.key.startsWith('code.1');
}

/** What the latest answer leaves to be mended: also a file that an earlier one spoilt and this one does not name. */
function openProblems(before: readonly EditProblem[], last: CodeOutput): EditProblem[] {
  const now = unusable(last);
  const told = new Set([...last.answered, ...now.map(({ path }) => path)]);
  const still = before.filter(
    ({ code, path }) => path !== undefined && code !== 'missing_file' && !told.has(path),
  );
  return [...now, ...still];
}

/** A path that must not be written is no slip of the form: asking again would only invite it again. */
function unusable({ problems }: CodeOutput): EditProblem[] {
  return problems.filter(({ code }) => code !== 'excluded_path' && code !== 'unsafe_path');
}

function problemsLeft(last: CodeOutput, open: readonly EditProblem[]): EditProblem[] {
  return [...last.problems, ...open.filter((problem) => !last.problems.includes(problem))];
}

/** The question for what is left, with the files that the model should have seen; undefined when it has no room. */
function askedAgain(
  run: TaskRun,
  round: Round,
  { last, open }: Answered,
): Pick<Round, 'messages' | 'files' | 'templates'> | undefined {
  const templates = [...round.templates, 'again' as const];
  const problems = tellProblems(open);
  const unseen = unseenFiles(run, round, open);
  const asked = (answer: string, files: readonly UnseenFile[]) =>
    buildAgain(round.messages, answer, { problems, unseen: files.map(({ block }) => block) });
  for (const answer of [last.answer, clipped(last.answer)]) {
    const messages = asked(answer, unseen);
    const files = [...round.files, ...unseen.map(({ path }) => path)];
    if (fits(run, messages)) return { messages, files, templates };
  }
  // Without the files that do not fit: what is asked of those cannot be answered.
  const isHopeless = open.every(({ code }) => code === 'unseen_file');
  const messages = asked(clipped(last.answer), []);
  return isHopeless || !fits(run, messages)
    ? undefined
    : { messages, files: round.files, templates };
}

interface UnseenFile {
  path: string;
  block: string;
}

function unseenFiles(run: TaskRun, round: Round, open: readonly EditProblem[]): UnseenFile[] {
  const seen = new Set(round.files);
  const { workDir } = run.request;
  return open.flatMap(({ code, path }) => {
    const isBlind = code === 'unseen_file' || code === 'too_long' || code.startsWith('search_');
    if (path === undefined || !isBlind || seen.has(path)) return [];
    const content = readSmallText(workDir, path);
    return content === undefined ? [] : [{ path, block: fencedFile(path, content) }];
  });
}

const CLIPPED_CHARS = 4_000;

/** Head and tail of an answer that takes all the room there is. */
function clipped(answer: string): string {
  if (answer.length <= CLIPPED_CHARS) return answer;
  const half = CLIPPED_CHARS / 2;
  return `${answer.slice(0, half)}\n[...]\n${answer.slice(-half)}`;
}
