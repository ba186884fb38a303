import type { ChatMessage, Generation } from '../llm/llm.ts';
import { openModelLog } from './modelLog.ts';
import { CHARS_PER_TOKEN, promptTokens } from './prompt.ts';
import type { TaskRun } from './taskRun.ts';

interface Question {
  /** Journal key. */
  step: string;
  messages: readonly ChatMessage[];
  temperature: number;
  seed: number;
  /** Undefined: all that the budget has left. */
  maxTokens?: number | undefined;
}

/** Why an answer was stopped from here. */
class ModelTimeUp extends Error {
  constructor() {
    super('the time for models is used up');
    this.name = 'ModelTimeUp';
  }
}

/**
 * One call of the model within what is left of tokens and time. When the time is up, what was said until then counts as
 * a cut answer. Throws ModelError, and the abort reason of the task.
 */
export async function askModel(run: TaskRun, question: Question): Promise<Generation> {
  const { provider, journal, signal } = run.tools;
  const timeUp = new AbortController();
  const timer = setTimeout(() => timeUp.abort(new ModelTimeUp()), run.budget.modelMsLeft);
  const log = openModelLog(question.step, (event) => journal.emit(event));
  let said = '';
  try {
    return await provider.generate({
      model: run.request.model.id,
      messages: question.messages,
      maxTokens: Math.min(maxTokens(run, question.messages), question.maxTokens ?? Infinity),
      temperature: question.temperature,
      seed: question.seed,
      context: codingContext(run, question.step),
      signal: AbortSignal.any([signal, timeUp.signal]),
      onText: (delta) => {
        said += delta;
        log.push(delta);
      },
    });
  } catch (error) {
    if (signal.aborted || !timeUp.signal.aborted) throw error;
    return cutAnswer(said, question.messages);
  } finally {
    clearTimeout(timer);
    await log.close();
  }
}

/** What the budget has left, within what the model's context has beside the prompt. */
function maxTokens(run: TaskRun, messages: readonly ChatMessage[]): number {
  const room = run.request.model.context_tokens - promptTokens(messages);
  return Math.max(1, Math.min(run.budget.tokensLeft, room));
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
