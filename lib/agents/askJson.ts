import type * as z from 'zod';
import type { ChatMessage } from '../llm/llm.ts';
import { ModelError } from '../llm/llm.ts';
import { stripThinking } from '../llm/thinking.ts';
import type { NewEvent } from '../task/event.ts';
import { askModel, countReplayed } from './askModel.ts';
import { buildReask } from './prompt.ts';
import type { PromptName } from './promptTemplate.ts';
import { promptVersions, type TaskRun } from './taskRun.ts';
import { hasBudget, mayFit } from './writeCode.ts';

interface JsonQuestion<T> {
  /** Journal key; a second question adds `.again`. */
  key: string;
  title: string;
  messages: readonly ChatMessage[];
  /** Files whose content the messages hold. */
  files: readonly string[];
  /** What the messages were made of. */
  templates: readonly PromptName[];
  shape: z.ZodType<T>;
  maxTokens: number;
  /** In a few words. */
  tell: (value: T) => string;
  /** Told when the answer could be read. */
  event: (value: T) => NewEvent;
}

/** What is left in the journal of one question. */
interface JsonOutput {
  answer: string;
  prompt_tokens: number;
  generated_tokens: number;
  model_ms: number;
}

/**
 * Asks for JSON of a shape, and once more with what was wrong with it; each question is a step of the journal. Undefined
 * when neither answer can be read or none could be had: what is asked here helps, but nothing depends on it.
 */
export async function askJson<T>(run: TaskRun, question: JsonQuestion<T>): Promise<T | undefined> {
  try {
    const first = await askOnce(run, question);
    if (first.read.kind === 'read') return first.read.value;
    const messages = buildReask(question.messages, first.answer, first.read.problem);
    const key = `${question.key}.again`;
    if (!hasBudget(run) || !(await mayFit(run, key, messages))) return undefined;
    const again = { key, title: 'Ask again in the form that was asked' };
    const templates = [...question.templates, 'reask' as const];
    const second = await askOnce(run, { ...question, ...again, messages, templates });
    return second.read.kind === 'read' ? second.read.value : undefined;
  } catch (error) {
    if (!(error instanceof ModelError)) throw error;
    const text = `${question.title}: left out, the model could not answer (${error.message})\n`;
    const data = { step: question.key, source: 'worker' as const, text };
    await run.tools.journal.emit({ type: 'log.appended', data });
    return undefined;
  }
}

async function askOnce<T>(run: TaskRun, question: JsonQuestion<T>) {
  const { key, title, messages, shape } = question;
  let wasRun = false;
  const output = await run.tools.journal.step<JsonOutput>({
    key,
    title,
    input: { model: run.request.model.id, prompts: promptVersions(), messages },
    run: async () => {
      wasRun = true;
      const output = await generate(run, question);
      const read = readJson(output.answer, shape);
      if (read.kind === 'read') await run.tools.journal.emit(question.event(read.value));
      const detail =
        read.kind === 'read' ? question.tell(read.value) : 'not in the form that was asked for';
      return { output, ok: true, tokens: output.generated_tokens, detail };
    },
  });
  if (!wasRun) countReplayed(run, key, output);
  return { answer: output.answer, read: readJson(output.answer, shape) };
}

async function generate<T>(run: TaskRun, question: JsonQuestion<T>): Promise<JsonOutput> {
  const { clock, random } = run.tools;
  const started = clock.now();
  const generation = await askModel(run, {
    step: question.key,
    messages: question.messages,
    files: question.files,
    templates: question.templates,
    temperature: 0.2,
    seed: Math.floor(random.next() * 2 ** 31),
    maxTokens: question.maxTokens,
  });
  return {
    answer: generation.text,
    prompt_tokens: generation.promptTokens,
    generated_tokens: generation.generatedTokens,
    model_ms: clock.now() - started,
  };
}

export type JsonRead<T> = { kind: 'read'; value: T } | { kind: 'unreadable'; problem: string };

/** The first JSON object of an answer, fenced or not, whatever stands around it. */
export function readJson<T>(answer: string, shape: z.ZodType<T>): JsonRead<T> {
  const text = stripThinking(answer);
  const [from, to] = [text.indexOf('{'), text.lastIndexOf('}')];
  if (from < 0 || to < from) return { kind: 'unreadable', problem: '- there is no JSON object' };
  try {
    const parsed = shape.safeParse(JSON.parse(text.slice(from, to + 1)));
    if (parsed.success) return { kind: 'read', value: parsed.data };
    return { kind: 'unreadable', problem: tellIssues(parsed.error) };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return { kind: 'unreadable', problem: `- it is no JSON: ${error.message}` };
  }
}

const TOLD_ISSUES = 8;

function tellIssues({ issues }: z.ZodError): string {
  return issues
    .slice(0, TOLD_ISSUES)
    .map(({ path, message }) => `- ${path.join('.') || 'the object'}: ${message}`)
    .join('\n');
}
