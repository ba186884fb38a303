import type { ChatMessage } from '../llm/llm.ts';
import type { TaskPayload } from '../task/payload.ts';
import type { Plan } from '../task/roles.ts';
import type { OracleRun } from '../task/verdict.ts';
import { fencedFile } from './fencedFile.ts';
import { fillTemplate, readPromptTemplate } from './promptTemplate.ts';
import type { RepositoryText } from './repositoryText.ts';

/** Characters of a token, roughly; used where no tokenizer is known. */
export const CHARS_PER_TOKEN = 4;

/** Room in a prompt beside the repository: rules, task, and the files and feedback of a repair. */
const OVERHEAD_TOKENS = 1_500;

/** Characters that the repository may take in a prompt for a model of that context, beside the answer's tokens. */
export function repositoryRoom(contextTokens: number, payload: TaskPayload): number {
  const answer = Math.min(payload.input.constraints.max_tokens, Math.floor(contextTokens / 2));
  const goal = Math.ceil(payload.input.goal.length / CHARS_PER_TOKEN);
  const repair = Math.min(answer, Math.floor(contextTokens / 4));
  return Math.max(0, contextTokens - answer - goal - repair - OVERHEAD_TOKENS) * CHARS_PER_TOKEN;
}

/**
 * The messages of the first question, from what changes least to what changes most (rules, repository, task), so that
 * the prefix caches of servers hit. Holds no id, time or absolute path.
 */
export function buildPrompt(
  payload: TaskPayload,
  repository: Pick<RepositoryText, 'text'>,
  plan?: Plan,
): ChatMessage[] {
  const task = `# Repository\n\n${repository.text}\n\n# Task\n\n${taskText(payload)}`;
  const planned = plan === undefined ? '' : `\n\n# Plan\n\n${planText(plan)}`;
  return [
    { role: 'system', content: readPromptTemplate('coder').text },
    { role: 'user', content: task + planned },
  ];
}

/** The same repository and task, asked by another role. */
export function buildRolePrompt(
  role: 'planner' | 'tester',
  [, ...asked]: readonly ChatMessage[],
): ChatMessage[] {
  return [{ role: 'system', content: readPromptTemplate(role).text }, ...asked];
}

const NAMED_FILES = 20;

/** Says which of the files are to be changed by SEARCH/REPLACE, and how that is done. */
export function withEdits(asked: readonly ChatMessage[], files: readonly string[] | 'all') {
  const template = readPromptTemplate('edits').text;
  return appended(asked, fillTemplate(template, { files: namesOf(files) }));
}

function namesOf(files: readonly string[] | 'all'): string {
  if (files === 'all') return 'any of the files above';
  const rest = files.length - NAMED_FILES;
  const named = files.slice(0, NAMED_FILES).join(', ');
  return rest > 0 ? `${named} and other files of that length` : named;
}

/** A file that was changed so far, in the form that answers have too. */
export interface ShownChange {
  path: string;
  block: string;
}

/** The first question with what has been changed since. */
export function withChanges(
  first: readonly ChatMessage[],
  files: readonly ShownChange[],
): ChatMessage[] {
  const changes = files.map(({ block }) => block).join('\n\n');
  return appended(first, `# Changed files, as they are now\n\n${changes}`);
}

/** A planner's question with the files that its own questions have found. */
export function withFound(
  asked: readonly ChatMessage[],
  found: readonly { query: string; blocks: readonly string[] }[],
): ChatMessage[] {
  const told = found.map(({ query, blocks }) =>
    [`Found for "${query}":`, ...(blocks.length === 0 ? ['nothing new'] : blocks)].join('\n\n'),
  );
  const template = readPromptTemplate('found').text;
  return appended(asked, fillTemplate(template, { found: told.join('\n\n') }));
}

/** Asks for one file of several; `done` are those that were written before. */
export function buildPart(
  first: readonly ChatMessage[],
  path: string,
  done: readonly ShownChange[],
): ChatMessage[] {
  const asked = fillTemplate(readPromptTemplate('part').text, { path });
  return appended(done.length === 0 ? first : withChanges(first, done), asked);
}

function appended(messages: readonly ChatMessage[], text: string): ChatMessage[] {
  const last = messages.at(-1);
  if (last === undefined) return [{ role: 'user', content: text }];
  return [...messages.slice(0, -1), { ...last, content: `${last.content}\n\n${text}` }];
}

/** Task, diff and what the oracle said; nothing of the chat that led there. */
export function buildReview(
  payload: TaskPayload,
  diff: string,
  runs: readonly OracleRun[],
): ChatMessage[] {
  const oracle = runs.map(tellRun).join('\n') || '- nothing could be run';
  const content = `# Task\n\n${taskText(payload)}\n\n# Diff\n\n${fencedFile('result.diff', diff)}\n\n# Oracle\n\n${oracle}`;
  return [
    { role: 'system', content: readPromptTemplate('reviewer').text },
    { role: 'user', content },
  ];
}

function tellRun({ phase, status, tests }: OracleRun): string {
  const counts = tests === null ? '' : `, ${tests.passed} of ${tests.total} tests passed`;
  return `- ${phase}: ${status}${counts}`;
}

/** Asks for the same JSON again, with what was wrong. */
export function buildReask(
  asked: readonly ChatMessage[],
  answer: string,
  problem: string,
): ChatMessage[] {
  const content = fillTemplate(readPromptTemplate('reask').text, { problem });
  return [...asked, { role: 'assistant', content: answer }, { role: 'user', content }];
}

function planText({ summary, files, steps }: Plan): string {
  return [
    summary,
    ...files.map(({ action, path, why }) => `- ${action} ${path}: ${why}`),
    ...steps.map(({ title, acceptance }, at) => `${at + 1}. ${title} (done when: ${acceptance})`),
  ].join('\n');
}

function taskText({ input, output_contract, non_negotiables }: TaskPayload): string {
  const lines = [input.goal.trim(), '', `Language: ${input.language}`];
  if (input.frameworks.length > 0) lines.push(`Frameworks: ${input.frameworks.join(', ')}`);
  if (input.constraints.style !== undefined) lines.push(`Style: ${input.constraints.style}`);
  if (non_negotiables.build_tool !== undefined)
    lines.push(`Build tool: ${non_negotiables.build_tool}`);
  if (non_negotiables.jdk !== undefined) lines.push(`JDK: ${non_negotiables.jdk}`);
  const { expected_files } = output_contract;
  if (expected_files.length > 0) {
    lines.push('Expected files, all of which must be there in the end:');
    lines.push(...expected_files.map((path) => `- ${path}`));
  }
  return lines.join('\n');
}

interface RepairRequest {
  /** The messages of the first question: the shared prefix. */
  first: readonly ChatMessage[];
  /** What was changed so far, as it is now. */
  files: readonly ShownChange[];
  /** "The tests failed." */
  what: string;
  feedback: string;
  template?: 'repair' | 'revise' | 'mend';
}

/** The question for a better answer: what was written stands in the place of the model's answer. */
export function buildRepair({
  first,
  files,
  what,
  feedback,
  template = 'repair',
}: RepairRequest): ChatMessage[] {
  const answer = files.map(({ block }) => block).join('\n\n');
  const content = fillTemplate(readPromptTemplate(template).text, { what, feedback });
  return [...first, { role: 'assistant', content: answer }, { role: 'user', content }];
}

/** For a model that loses the thread in long answers. */
export function forOneFile(messages: readonly ChatMessage[]): ChatMessage[] {
  return appended(messages, readPromptTemplate('one').text);
}

/** Asks again for those files only that could not be taken from an answer; `unseen` are files that it should have seen. */
export function buildAgain(
  asked: readonly ChatMessage[],
  answer: string,
  { problems, unseen }: { problems: string; unseen: readonly string[] },
): ChatMessage[] {
  const again = fillTemplate(readPromptTemplate('again').text, { problems });
  const shown = unseen.length === 0 ? [] : ['# Files that you had not seen', ...unseen];
  const content = [again, ...shown].join('\n\n');
  return [...asked, { role: 'assistant', content: answer }, { role: 'user', content }];
}

export function promptTokens(messages: readonly ChatMessage[]): number {
  const characters = messages.reduce((sum, { content }) => sum + content.length, 0);
  return Math.ceil(characters / CHARS_PER_TOKEN);
}
