import type { ChatMessage } from '../llm/llm.ts';
import type { TaskPayload } from '../task/payload.ts';
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
export function buildPrompt(payload: TaskPayload, repository: RepositoryText): ChatMessage[] {
  return [
    { role: 'system', content: readPromptTemplate('coder').text },
    {
      role: 'user',
      content: `# Repository\n\n${repository.text}\n\n# Task\n\n${taskText(payload)}`,
    },
  ];
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
  files: readonly { path: string; content: string }[];
  /** "The tests failed." */
  what: string;
  feedback: string;
}

/** The question for a better answer: what was written stands in the place of the model's answer. */
export function buildRepair({ first, files, what, feedback }: RepairRequest): ChatMessage[] {
  const answer = files.map(({ path, content }) => fencedFile(path, content)).join('\n\n');
  const content = fillTemplate(readPromptTemplate('repair').text, { what, feedback });
  return [...first, { role: 'assistant', content: answer }, { role: 'user', content }];
}

/** Asks again for those files only that could not be taken from an answer. */
export function buildAgain(
  asked: readonly ChatMessage[],
  answer: string,
  problems: string,
): ChatMessage[] {
  const content = fillTemplate(readPromptTemplate('again').text, { problems });
  return [...asked, { role: 'assistant', content: answer }, { role: 'user', content }];
}

export function promptTokens(messages: readonly ChatMessage[]): number {
  const characters = messages.reduce((sum, { content }) => sum + content.length, 0);
  return Math.ceil(characters / CHARS_PER_TOKEN);
}
