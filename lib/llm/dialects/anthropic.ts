import * as z from 'zod';
import type { GenerateRequest } from '../llm.ts';
import type { Dialect, Said } from '../remote/dialect.ts';
import { readPiece } from '../remote/refusal.ts';

const count = z.int().nullish();

/** The events that matter; `ping` and those to come are read as nothing. */
const Event = z.union([
  z.object({
    type: z.literal('message_start'),
    message: z.object({
      usage: z.object({
        input_tokens: z.int(),
        cache_read_input_tokens: count,
        cache_creation_input_tokens: count,
      }),
    }),
  }),
  z.object({
    type: z.literal('content_block_delta'),
    delta: z.object({ text: z.string().optional(), thinking: z.string().optional() }),
  }),
  z.object({
    type: z.literal('message_delta'),
    delta: z.object({ stop_reason: z.string().nullish() }),
    usage: z.object({ output_tokens: z.int() }).nullish(),
  }),
  z.object({ type: z.literal('message_stop') }),
  z.object({ type: z.string() }).transform(() => ({ type: 'other' as const })),
]);
type Event = z.infer<typeof Event>;

const ModelList = z.object({ data: z.array(z.object({ id: z.string().min(1) })) });

const SERVER = "Anthropic's API";
/** Ends for want of room. */
const LENGTH = new Set(['max_tokens', 'model_context_window_exceeded']);

/** Anthropic's messages. No temperature and no seed: some models refuse the one, none takes the other. */
export const anthropicDialect: Dialect = {
  chatPath: '/messages',
  modelsPath: '/models',
  framing: 'events',
  baseUrl: (url) => {
    const trimmed = url.replace(/\/+$/, '');
    return trimmed.endsWith('/v1') ? trimmed : `${trimmed}/v1`;
  },
  headers: (apiKey) => ({ 'x-api-key': apiKey ?? '', 'anthropic-version': '2023-06-01' }),
  bodyOf,
  read: (data) => saidIn(readPiece(Event, data, SERVER)),
  readModels: (text) => readPiece(ModelList, text, SERVER).data.map(({ id }) => id),
};

function bodyOf({ model, messages, maxTokens }: GenerateRequest) {
  const system = messages.filter(({ role }) => role === 'system').map(({ content }) => content);
  return {
    model,
    max_tokens: maxTokens,
    ...(system.length === 0 ? {} : { system: system.join('\n\n') }),
    messages: messages.filter(({ role }) => role !== 'system'),
    stream: true,
  };
}

function saidIn(event: Event): Said {
  switch (event.type) {
    case 'message_start': {
      const { usage } = event.message;
      const cached =
        (usage.cache_read_input_tokens ?? 0) + (usage.cache_creation_input_tokens ?? 0);
      return { promptTokens: usage.input_tokens + cached };
    }
    case 'content_block_delta':
      return {
        text: event.delta.text ?? '',
        reasoningLength: (event.delta.thinking ?? '').length,
      };
    case 'message_delta': {
      const { stop_reason: reason } = event.delta;
      return {
        ...(reason ? { finish: LENGTH.has(reason) ? 'length' : 'stop' } : {}),
        ...(event.usage ? { generatedTokens: event.usage.output_tokens } : {}),
      };
    }
    case 'message_stop':
      return { last: true };
    case 'other':
      return {};
  }
}
