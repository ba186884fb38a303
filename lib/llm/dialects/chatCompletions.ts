import * as z from 'zod';
import type { GenerateRequest } from '../llm.ts';
import type { Dialect, Said } from '../remote/dialect.ts';
import { readPiece } from '../remote/refusal.ts';

const Piece = z.object({
  content: z.string().nullish(),
  /** Two spellings of the same: llama-server and vLLM before and after 0.12. */
  reasoning_content: z.string().nullish(),
  reasoning: z.string().nullish(),
});

/** One frame of a stream, or a whole answer, as far as it is read. Servers add fields of their own. */
const Frame = z.object({
  choices: z.array(
    z.object({
      delta: Piece.nullish(),
      message: Piece.nullish(),
      finish_reason: z.string().nullish(),
    }),
  ),
  usage: z.object({ prompt_tokens: z.int(), completion_tokens: z.int().default(0) }).nullish(),
});
type Frame = z.infer<typeof Frame>;

const tokens = z.int().positive().nullish().catch(undefined);

/** vLLM and SGLang tell `max_model_len`; llama-server what it runs with, or only what the model was trained for. */
const ListedModel = z.object({
  id: z.string().min(1),
  max_model_len: tokens,
  meta: z.object({ n_ctx: tokens, n_ctx_train: tokens }).nullish().catch(undefined),
});

const ModelList = z.object({
  data: z.array(ListedModel),
  // Another instance of this service answers the same path, and serves no models: only it counts its workers.
  workers_alive: z.undefined().optional(),
});

const SERVER = 'an OpenAI-compatible server';

/** OpenAI's chat completions, as llama-server, vLLM, SGLang, LM Studio and many others speak them. */
export const chatCompletions: Dialect = {
  chatPath: '/chat/completions',
  modelsPath: '/models',
  framing: 'events',
  baseUrl: (url) => {
    const trimmed = url.replace(/\/+$/, '');
    return trimmed.endsWith('/v1') ? trimmed : `${trimmed}/v1`;
  },
  headers: (apiKey): Record<string, string> =>
    apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` },
  bodyOf: (asked) => ({
    ...commonBody(asked),
    max_tokens: asked.maxTokens,
    temperature: asked.temperature,
    seed: asked.seed,
  }),
  read: (data) => (data === '[DONE]' ? { last: true } : saidIn(readPiece(Frame, data, SERVER))),
  readModels: (text) => readPiece(ModelList, text, SERVER).data.map(({ id }) => id),
  readContexts: (text) =>
    Object.fromEntries(
      readPiece(ModelList, text, SERVER).data.flatMap((model) => {
        const context = contextOf(model);
        return context === undefined ? [] : [[model.id, context]];
      }),
    ),
};

/** What a model was trained for says little of what its server gives it, but that it is not more. */
const USUAL_CONTEXT = 32_768;

function contextOf({ max_model_len, meta }: z.infer<typeof ListedModel>): number | undefined {
  const told = max_model_len ?? meta?.n_ctx;
  if (typeof told === 'number') return told;
  const most = meta?.n_ctx_train ?? USUAL_CONTEXT;
  return most < USUAL_CONTEXT ? most : undefined;
}

function commonBody({ model, messages }: GenerateRequest) {
  return { model, messages, stream: true, stream_options: { include_usage: true } };
}

function saidIn({ choices, usage }: Frame): Said {
  const counted = usage
    ? { promptTokens: usage.prompt_tokens, generatedTokens: usage.completion_tokens }
    : {};
  const [choice] = choices;
  if (choice === undefined) return counted;
  const piece = choice.delta ?? choice.message;
  return {
    ...counted,
    text: piece?.content ?? '',
    reasoningLength: (piece?.reasoning_content ?? piece?.reasoning ?? '').length,
    ...(choice.finish_reason ? { finish: finishOf(choice.finish_reason) } : {}),
    // A whole answer has no frame after it that would say that it is done.
    ...(choice.message ? { last: true } : {}),
  };
}

function finishOf(reason: string): 'stop' | 'length' {
  return reason === 'length' ? 'length' : 'stop';
}

/** api.openai.com: newer models refuse `max_tokens`, and those that reason refuse a temperature and a seed. */
export const openAiCloud: Dialect = {
  ...chatCompletions,
  bodyOf: (asked) => ({ ...commonBody(asked), max_completion_tokens: asked.maxTokens }),
  readModels: (text) => chatCompletions.readModels(text).filter(writesCode),
};

/** The list holds every model of the house; those for sound, pictures and search answer no chat of this kind. */
function writesCode(model: string): boolean {
  const otherTrade = /audio|realtime|image|tts|transcribe|search|instruct|embedding|moderation/;
  return /^(?:gpt-|o\d|codex|chatgpt)/.test(model) && !otherTrade.test(model);
}
