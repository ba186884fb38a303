import * as z from 'zod';
import { type GenerateRequest, type Generation, ModelError } from '../llm.ts';
import type { Dialect } from '../remote/dialect.ts';
import { estimateTokens, promptLength } from '../remote/estimate.ts';
import { readPiece } from '../remote/refusal.ts';

const Line = z.object({
  message: z.object({ content: z.string().nullish(), thinking: z.string().nullish() }).nullish(),
  done: z.boolean(),
  done_reason: z.string().nullish(),
  prompt_eval_count: z.int().nullish(),
  eval_count: z.int().nullish(),
});

const Tags = z.object({ models: z.array(z.object({ name: z.string().min(1) })) });

const SERVER = 'an Ollama server';
const LEAST_CONTEXT = 8_192;
/** The estimate of the prompt may be this much too low: tokens of dense code are shorter than four characters. */
const SPARE = 1.5;
/** A prompt of fewer tokens than this part of the estimate was not read to its end. */
const LEAST_READ = 1 / 3;

/**
 * Ollama's own API. Its OpenAI-compatible one knows no `num_ctx`: it then loads the model with a small context and cuts
 * what does not fit, in silence.
 */
export const ollamaDialect: Dialect = {
  chatPath: '/api/chat',
  modelsPath: '/api/tags',
  framing: 'lines',
  baseUrl: (url) => url.replace(/\/+$/, '').replace(/\/v1$/, ''),
  headers: (apiKey): Record<string, string> =>
    apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` },
  bodyOf,
  read: (data) => {
    const line = readPiece(Line, data, SERVER);
    return {
      text: line.message?.content ?? '',
      reasoningLength: (line.message?.thinking ?? '').length,
      ...(line.done ? { finish: line.done_reason === 'length' ? 'length' : 'stop' } : {}),
      ...(typeof line.prompt_eval_count === 'number'
        ? { promptTokens: line.prompt_eval_count }
        : {}),
      ...(typeof line.eval_count === 'number' ? { generatedTokens: line.eval_count } : {}),
      last: line.done,
    };
  },
  readModels: (text) => readPiece(Tags, text, SERVER).models.map(({ name }) => name),
  check: refuseCutPrompt,
};

function bodyOf(asked: GenerateRequest) {
  return {
    model: asked.model,
    messages: asked.messages,
    stream: true,
    // Thinking may spend the whole budget before the first line of code.
    think: false,
    // Newer servers then refuse a prompt that does not fit; older ones ignore the two and cut it.
    truncate: false,
    shift: false,
    options: {
      num_ctx: contextFor(asked),
      num_predict: asked.maxTokens,
      temperature: asked.temperature,
      seed: asked.seed,
    },
  };
}

/** In doublings: with every other number the server loads the model anew. */
function contextFor(asked: GenerateRequest): number {
  const needed = estimateTokens(promptLength(asked)) * SPARE + asked.maxTokens;
  let context = LEAST_CONTEXT;
  while (context < needed) context *= 2;
  return context;
}

/** Servers before `truncate` tell only by their count that they have cut a prompt. */
function refuseCutPrompt(asked: GenerateRequest, { promptTokens }: Generation): void {
  const expected = estimateTokens(promptLength(asked));
  if (promptTokens >= expected * LEAST_READ) return;
  throw new ModelError(
    'context_overflow',
    `the model server read ${promptTokens} tokens of a prompt of about ${expected}: it cut it to its context`,
  );
}
