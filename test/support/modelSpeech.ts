import type { ServerKind } from '../../lib/llm/dialects/dialectOf.ts';
import type { ChatRequestBody } from './scriptedModelServer.ts';

export interface Usage {
  prompt_tokens: number;
  completion_tokens: number;
}

/** How a kind of server puts an answer into its stream: each text is written as it is. */
export interface ModelSpeech {
  contentType: string;
  opening(body: ChatRequestBody, usage: Usage | null): string;
  reasoning(text: string): string;
  piece(text: string): string;
  closing(finish: 'stop' | 'length', usage: Usage | null): string;
  modelList(names: readonly string[]): unknown;
}

/** The kind that a path belongs to. */
export function kindOfPath(path: string): 'chat' | 'ollama' | 'anthropic' | undefined {
  if (path.endsWith('/api/chat')) return 'ollama';
  if (path.endsWith('/messages')) return 'anthropic';
  return path.endsWith('/chat/completions') ? 'chat' : undefined;
}

const event = (frame: unknown) => `data: ${JSON.stringify(frame)}\n\n`;
const line = (frame: unknown) => `${JSON.stringify(frame)}\n`;
const choice = (delta: object, finish: string | null = null) =>
  event({
    id: 'scripted',
    object: 'chat.completion.chunk',
    choices: [{ index: 0, delta, finish_reason: finish }],
  });

const chat: ModelSpeech = {
  contentType: 'text/event-stream',
  opening: () => choice({ role: 'assistant' }),
  reasoning: (text) => choice({ reasoning_content: text }),
  piece: (text) => choice({ content: text }),
  closing: (finish, usage) =>
    `${choice({}, finish)}${usage === null ? '' : event({ choices: [], usage })}data: [DONE]\n\n`,
  modelList: (names) => ({
    object: 'list',
    data: names.map((id) => ({ id, object: 'model', owned_by: 'test' })),
  }),
};

const ollama: ModelSpeech = {
  contentType: 'application/x-ndjson',
  opening: () => '',
  reasoning: (text) =>
    line({ message: { role: 'assistant', content: '', thinking: text }, done: false }),
  piece: (text) => line({ message: { role: 'assistant', content: text }, done: false }),
  closing: (finish, usage) =>
    line({
      message: { role: 'assistant', content: '' },
      done: true,
      done_reason: finish,
      ...(usage === null
        ? {}
        : { prompt_eval_count: usage.prompt_tokens, eval_count: usage.completion_tokens }),
    }),
  modelList: (names) => ({ models: names.map((name) => ({ name, model: name, size: 1 })) }),
};

const anthropic: ModelSpeech = {
  contentType: 'text/event-stream',
  opening: (_, usage) =>
    event({
      type: 'message_start',
      message: {
        role: 'assistant',
        usage: { input_tokens: usage?.prompt_tokens ?? 0, output_tokens: 1 },
      },
    }) + event({ type: 'ping' }),
  reasoning: (text) =>
    event({ type: 'content_block_delta', delta: { type: 'thinking_delta', thinking: text } }),
  piece: (text) => event({ type: 'content_block_delta', delta: { type: 'text_delta', text } }),
  closing: (finish, usage) =>
    event({
      type: 'message_delta',
      delta: { stop_reason: finish === 'stop' ? 'end_turn' : 'max_tokens' },
      ...(usage === null ? {} : { usage: { output_tokens: usage.completion_tokens } }),
    }) + event({ type: 'message_stop' }),
  modelList: chat.modelList,
};

export const SPEECHES = { chat, ollama, anthropic } as const;

/** A piece of an answer as a server of this kind sends it, for streams that a test breaks by hand. */
export function pieceOf(kind: ServerKind, text: string): string {
  const speech = kind === 'ollama' || kind === 'anthropic' ? kind : 'chat';
  return SPEECHES[speech].piece(text);
}
