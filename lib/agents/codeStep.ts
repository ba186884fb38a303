import { resolve } from 'node:path';
import { hashOf } from '../kernel/canonicalJson.ts';
import type { ChatMessage, Generation } from '../llm/llm.ts';
import { restoreTree } from '../sandbox/workspace/patch.ts';
import { listPaths } from '../sandbox/workspace/tree.ts';
import type { ChangedFile } from '../task/view.ts';
import { applyEdits, type DeniedWrite } from './applyEdits.ts';
import { askModel, countReplayed } from './askModel.ts';
import { isLong, lineCount } from './editForm.ts';
import { type EditContext, type EditProblem, parseEdits } from './edits/parseEdits.ts';
import type { StepOutcome } from './journal.ts';
import type { PromptName } from './promptTemplate.ts';
import { readEditable } from './readEditable.ts';
import { isSmall } from './smallModel.ts';
import { promptVersions, type TaskRun } from './taskRun.ts';
import { tellProblem } from './tellProblems.ts';
import { patchOf } from './workTree.ts';

export interface CodeQuestion {
  key: string;
  title: string;
  messages: readonly ChatMessage[];
  /** Files whose content the messages hold. */
  files: readonly string[];
  /** What the messages were made of. */
  templates: readonly PromptName[];
  /** Files that the answer should hold; those that the task expects when absent. */
  expected?: readonly string[];
  /** What the answer may write; everything that the task lets it when absent. */
  mayWrite?: (path: string) => boolean;
  /** A fresh sample starts again from the base tree, warmer, and without what was said before. */
  fresh: boolean;
}

/** What a code step leaves in the journal. */
export interface CodeOutput {
  answer: string;
  finish: Generation['finish'];
  seed: number;
  prompt_tokens: number;
  generated_tokens: number;
  model_ms: number;
  /** What was changed by this answer. */
  files: ChangedFile[];
  /** Every file that the answer gave, also one that is so already. */
  answered: string[];
  problems: EditProblem[];
  /** Of the files in the answer: two answers with the same edit are told by it. */
  edit_hash: string;
}

/** Asks once and puts the files of the answer into the work tree: one step of the journal. */
export async function codeStep(run: TaskRun, question: CodeQuestion): Promise<CodeOutput> {
  const { model } = run.request;
  let wasRun = false;
  const output = await run.tools.journal.step<CodeOutput>({
    key: question.key,
    title: question.title,
    input: {
      model: model.id,
      prompts: promptVersions(),
      messages: question.messages,
      fresh: question.fresh,
    },
    run: () => {
      wasRun = true;
      return writeOnce(run, question);
    },
  });
  if (!wasRun) countReplayed(run, question.key, output);
  return output;
}

async function writeOnce(run: TaskRun, question: CodeQuestion): Promise<StepOutcome<CodeOutput>> {
  if (question.fresh) await startAgain(run);
  const started = run.tools.clock.now();
  const seed = Math.floor(run.tools.random.next() * 2 ** 31);
  const generation = await askModel(run, {
    step: question.key,
    messages: question.messages,
    files: question.files,
    templates: question.templates,
    temperature: question.fresh ? 0.7 : 0.2,
    seed,
  });
  const modelMs = run.tools.clock.now() - started;
  const edits = await takeEdits(run, { ...question, files: generation.files }, generation);
  await tellEdits(run, question.key, edits);
  const output: CodeOutput = {
    answer: generation.text,
    finish: generation.finish,
    seed,
    prompt_tokens: generation.promptTokens,
    generated_tokens: generation.generatedTokens,
    model_ms: modelMs,
    files: edits.files,
    answered: edits.answered,
    problems: edits.problems,
    edit_hash: edits.hash,
  };
  return {
    output,
    ok: edits.files.length > 0,
    tokens: generation.generatedTokens,
    patch: await patchOf(run),
    detail: tellCounts(edits),
  };
}

async function startAgain({ request, baseHash }: TaskRun): Promise<void> {
  const patch = { base_tree_hash: baseHash, tree_hash: baseHash, changes: [] };
  await restoreTree({ base: request.baseDir, work: request.workDir, patch });
}

interface TakenEdits {
  files: ChangedFile[];
  answered: string[];
  problems: EditProblem[];
  denied: DeniedWrite[];
  hash: string;
}

async function takeEdits(
  run: TaskRun,
  question: CodeQuestion,
  { text, finish }: Generation,
): Promise<TakenEdits> {
  const { workDir, payload } = run.request;
  const { expected = payload.output_contract.expected_files, mayWrite = () => true } = question;
  const existing = await listPaths(workDir);
  const parsed = parseEdits(text, {
    finish,
    expected,
    existing,
    read: (path) => readEditable(workDir, path),
    exclude: (path) => run.isExcluded(path) || !mayWrite(path),
    refuseWhole: run.tools.provider.llm ? wholeRefusal(run, question) : undefined,
  });
  const applied = applyEdits(workDir, parsed.files);
  return {
    files: applied.files,
    answered: parsed.files.map(({ path }) => path),
    problems: [...parsed.problems, ...applied.problems],
    denied: [...refusedPaths(workDir, parsed.problems), ...applied.denied],
    hash: hashOf(parsed.files),
  };
}

/** Of a long file that a large model writes anew: with fewer of its lines it was abbreviated. */
const LEAST_SHARE = 0.8;

/** A model that writes a file anew which it has not seen, or which is too long for it, loses what is in there. */
function wholeRefusal(run: TaskRun, { files }: CodeQuestion): EditContext['refuseWhole'] {
  const seen = new Set(files);
  const base = new Set(run.baseFiles);
  const { model } = run.request;
  return (path, { before, after }) => {
    if (base.has(path) && !seen.has(path)) return { code: 'unseen_file', path };
    if (before === undefined) return { code: 'not_text', path };
    if (!isLong(model, before)) return undefined;
    const [had, has] = [lineCount(before), lineCount(after)];
    if (!isSmall(model) && has >= had * LEAST_SHARE) return undefined;
    return { code: 'too_long', path, detail: `it has ${had} lines, the answer ${has}` };
  };
}

/** Paths that never reached the file system, because the answer's words alone condemn them. */
function refusedPaths(workDir: string, problems: readonly EditProblem[]): DeniedWrite[] {
  return problems.flatMap(({ code, path }) => {
    if (path === undefined) return [];
    const target = resolve(workDir, path);
    if (code === 'unsafe_path') return [{ path, target, reason: 'the path leads out of the tree' }];
    if (code === 'excluded_path')
      return [{ path, target, reason: 'repo.exclude covers it, or it is not for this step' }];
    return [];
  });
}

async function tellEdits(run: TaskRun, step: string, edits: TakenEdits): Promise<void> {
  const { journal } = run.tools;
  const asked = { kind: 'write' as const, step, comm: null, pid: null, call: 'edit' };
  await journal.deny(edits.denied.map((denied) => ({ ...asked, ...denied })));
  const problems = edits.problems.map(({ code, path }) => ({
    code,
    ...(path === undefined ? {} : { path }),
  }));
  await journal.emit({ type: 'edit.applied', data: { step, files: edits.files, problems } });
}

const TOLD_PROBLEMS = 2;

function tellCounts({ files, problems }: TakenEdits): string {
  const written = `${files.length} ${files.length === 1 ? 'file' : 'files'} changed`;
  if (problems.length === 0) return written;
  const told = problems.slice(0, TOLD_PROBLEMS).map(tellProblem).join('; ');
  const rest = problems.length - TOLD_PROBLEMS;
  return `${written}; ${told}${rest > 0 ? `; and ${rest} more` : ''}`;
}
