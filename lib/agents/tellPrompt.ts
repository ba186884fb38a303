import type { ChatMessage } from '../llm/llm.ts';
import type { Fitted } from './fitQuestion.ts';
import { promptTokens } from './prompt.ts';
import { versionsOf } from './promptTemplate.ts';
import type { TaskRun } from './taskRun.ts';

const NAMED = 20;

/** Puts on record what a model sees, and what was taken out of its sight for want of room. */
export async function tellPrompt(
  { tools, leftOut, request }: TaskRun,
  step: string,
  { messages, files, templates, cut }: Fitted,
): Promise<void> {
  const tokens = promptTokens(messages);
  const prompts = versionsOf(templates);
  const data = { step, files: [...files], left_out: leftOut.length + cut.length, tokens, prompts };
  await tools.journal.emit({ type: 'prompt.built', data });
  if (cut.length === 0) return;
  const { id, context_tokens: context } = request.model;
  const named = `${cut.slice(0, NAMED).join(', ')}${cut.length > NAMED ? ', ...' : ''}`;
  const count = cut.length === 1 ? '1 file' : `${cut.length} files`;
  const why = `so that it and its answer fit into the context of ${id} (${context} tokens)`;
  await tellWorker(tools, step, `the question is shortened by ${count}, ${why}: ${named}`);
}

/** Puts on record that a question is not asked, because it does not fit even without the repository. */
export async function tellUnfit(
  { tools, request }: TaskRun,
  step: string,
  messages: readonly ChatMessage[],
): Promise<void> {
  const { id, context_tokens: context } = request.model;
  const tokens = promptTokens(messages);
  const text = `not asked: the question alone takes about ${tokens} tokens, and ${id} holds ${context}`;
  await tellWorker(tools, step, text);
}

/** Puts on record that a model is not asked again, because what it would have to see for it does not fit. */
export async function tellRoomless({ tools, request }: TaskRun, step: string): Promise<void> {
  const { id, context_tokens: context } = request.model;
  const text = `not asked: what the answer before lacks does not fit into the context of ${id} (${context} tokens)`;
  await tellWorker(tools, step, text);
}

/** One line of the worker's own in the log of a step. */
export async function tellWorker(
  { journal }: TaskRun['tools'],
  step: string,
  text: string,
): Promise<void> {
  const data = { step, source: 'worker' as const, text: `${step}: ${text}\n` };
  await journal.emit({ type: 'log.appended', data });
}
