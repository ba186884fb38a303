import { type ChatMessage, type Generation, ModelError } from '../llm/llm.ts';
import type { Usage } from '../task/view.ts';
import type { Asker } from './budget.ts';
import { type Asked, fitQuestion } from './fitQuestion.ts';
import { openModelLog } from './modelLog.ts';
import { type Meter, payFor } from './payFor.ts';
import { CHARS_PER_TOKEN, promptTokens } from './prompt.ts';
import type { TaskRun } from './taskRun.ts';
import { tellPrompt } from './tellPrompt.ts';

interface Question extends Asked {
  /** Journal key. */
  step: string;
  temperature: number;
  seed: number;
  /** Undefined: all that the budget has left. */
  maxTokens?: number | undefined;
}

/** Why an answer was stopped from here. */
class AnswerCut extends Error {
  constructor(why: string) {
    super(`the answer was cut: ${why}`);
    this.name = 'AnswerCut';
  }
}

/** Tokens are estimated by characters while an answer is made: so far beyond what it was given no estimate goes wrong. */
const isRunaway = (generated: number, tokens: number) => generated > 4 * tokens + 1_024;

export interface Answered extends Generation {
  /** Files whose content the model has seen. */
  files: readonly string[];
}

/** A server counts more tokens than were estimated: so often is a question made shorter for it, each time by a quarter. */
const MAX_OVERFLOWS = 3;
const SHORTER = 0.75;

/**
 * Asks the model, paid for out of what is left of tokens and time. A question that does not fit its context is asked with
 * less of the repository in it, which `prompt.built` and the log tell. When the time is up, or a server does not keep to
 * the bound that it was given, what was said until then counts as a cut answer; when no tokens are left, the answer is
 * empty and nobody was asked. Throws ModelError, and the abort reason of the task.
 */
export async function askModel(run: TaskRun, question: Question): Promise<Answered> {
  let fitted = fitQuestion(run, question);
  for (let overflows = 1; ; overflows += 1) {
    await tellPrompt(run, question.step, fitted);
    try {
      const generation = await askFitted(run, { ...question, ...fitted });
      return { ...generation, files: fitted.files };
    } catch (error) {
      if (!isOverflow(error) || overflows > MAX_OVERFLOWS) throw error;
      const atMost = Math.floor(promptTokens(fitted.messages) * SHORTER);
      const shorter = fitQuestion(run, question, atMost);
      if (shorter.cut.length <= fitted.cut.length) throw error;
      fitted = shorter;
    }
  }
}

function isOverflow(error: unknown): boolean {
  return error instanceof ModelError && error.kind === 'context_overflow';
}

async function askFitted(run: TaskRun, question: Question): Promise<Generation> {
  const { step, messages, maxTokens = Number.POSITIVE_INFINITY } = question;
  const prompt = promptTokens(messages);
  const room = Math.max(1, run.request.model.context_tokens - prompt);
  const atMost = Math.min(room, maxTokens);
  const asked = { step, asker: askerOf(step), atMost, promptTokens: prompt };
  const paid = await payFor(run, asked, (tokens, meter) => generate(run, question, tokens, meter));
  return paid ?? (await notAsked(run, question));
}

/** Whose tokens a step takes: tests, plans and reviews are not what the task is for. */
function askerOf(step: string): Asker {
  return /^(?:code|revise)\b/.test(step) ? 'coder' : 'helper';
}

/** The answer of a step that was not run again had its price in an earlier attempt. */
export function countReplayed(
  { budget, tools }: TaskRun,
  step: string,
  { prompt_tokens, generated_tokens, model_ms }: Omit<Usage, 'model_calls'>,
): void {
  const model_calls = tools.provider.llm ? 1 : 0;
  budget.replay(askerOf(step), { prompt_tokens, generated_tokens, model_calls, model_ms });
}

async function generate(
  run: TaskRun,
  question: Question,
  tokens: number,
  meter: Meter,
): Promise<Generation> {
  const { provider, journal, signal } = run.tools;
  const cut = new AbortController();
  const stop = (why: string) => cut.abort(new AnswerCut(why));
  const timer = setTimeout(() => stop('the time for models is used up'), run.budget.modelMsLeft);
  const stopRunaway = () => {
    if (provider.llm && isRunaway(meter.tokens, tokens)) stop('it does not end');
  };
  const log = openModelLog(question.step, async (event) => {
    await meter.write();
    await journal.emit(event);
  });
  let said = '';
  try {
    return await provider.generate({
      model: run.request.model.id,
      messages: question.messages,
      maxTokens: tokens,
      temperature: question.temperature,
      seed: question.seed,
      context: codingContext(run, question.step),
      signal: AbortSignal.any([signal, cut.signal]),
      onText: (delta) => {
        said += delta;
        meter.heard(delta);
        log.push(delta);
        stopRunaway();
      },
      onTokens: (generated) => {
        meter.told(generated);
        stopRunaway();
      },
    });
  } catch (error) {
    if (signal.aborted || !cut.signal.aborted) throw error;
    return { ...cutAnswer(said, question.messages), generatedTokens: meter.tokens };
  } finally {
    clearTimeout(timer);
    await log.close();
  }
}

async function notAsked(run: TaskRun, { step }: Question): Promise<Generation> {
  const text = `${step}: the model was not asked, because max_tokens is used up\n`;
  await run.tools.journal.emit({
    type: 'log.appended',
    data: { step, source: 'worker', text },
  });
  return { text: '', finish: 'length', promptTokens: 0, generatedTokens: 0, estimated: true };
}

function codingContext({ request, baseFiles }: TaskRun, step: string) {
  const { input, output_contract, non_negotiables } = request.payload;
  return {
    step,
    language: input.language,
    goal: input.goal,
    expectedFiles: output_contract.expected_files,
    existingFiles: baseFiles,
    nonNegotiables: non_negotiables,
  };
}

function cutAnswer(said: string, messages: readonly ChatMessage[]): Generation {
  return {
    text: said,
    finish: 'length',
    promptTokens: promptTokens(messages),
    generatedTokens: Math.ceil(said.length / CHARS_PER_TOKEN),
    estimated: true,
  };
}
