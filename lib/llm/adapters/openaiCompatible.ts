import { EventSourceParserStream } from 'eventsource-parser/stream';
import type { GenerateRequest, Generation, ModelProvider } from '../llm.ts';
import { ModelError } from '../llm.ts';
import { Answer } from '../openai/answer.ts';
import { type Endpoint, listModels, request } from '../openai/connection.ts';
import { withRetries } from '../openai/retry.ts';
import { Silence } from '../openai/silence.ts';
import { parseFrame } from '../openai/wire.ts';

export interface OpenAiCompatibleOptions extends Endpoint {
  /**
   * Silence after which an answer counts as lost, in milliseconds. The prompt is read before the first piece, so this
   * is long; it stays below the 300 s after which fetch gives up by itself.
   */
  idleTimeoutMs?: number;
  /** Further tries after a refused connection, 429, 502, 503 or 504. */
  retries?: number;
  /** First pause between tries in milliseconds when the server names none; it doubles. */
  retryPauseMs?: number;
}

export type OpenAiCompatible = ModelProvider & {
  /** Names of the models that the server serves. Throws `ModelError`. */
  listModels(signal: AbortSignal): Promise<string[]>;
};

const DEFAULTS = { idleTimeoutMs: 280_000, retries: 3, retryPauseMs: 250 } as const;
type Settings = Endpoint & { idleTimeoutMs: number; retries: number; retryPauseMs: number };

/** One line of a stream; a server that sends more without an end of line is broken. */
const LONGEST_FRAME = 4_194_304;

/**
 * A client for servers that speak OpenAI's chat completions (llama-server, vLLM, SGLang, LM Studio, Ollama's /v1).
 * Always streams: an abort then ends the generation on the server, and a cut answer keeps what has come.
 */
export function createOpenAiCompatible(options: OpenAiCompatibleOptions): OpenAiCompatible {
  const settings: Settings = { ...DEFAULTS, ...options };
  return {
    name: options.name,
    llm: true,
    goalAddressed: true,
    generate: async (asked) => {
      asked.signal.throwIfAborted();
      return await withRetries(settings, asked.signal, () => generateOnce(settings, asked));
    },
    listModels: (signal) => listModels(settings, signal),
  };
}

async function generateOnce(settings: Settings, asked: GenerateRequest): Promise<Generation> {
  const silence = new Silence(settings.idleTimeoutMs);
  const stop = new AbortController();
  const signal = AbortSignal.any([asked.signal, silence.signal, stop.signal]);
  const answer = new Answer(asked);
  try {
    const response = await request(settings, '/chat/completions', { signal, body: bodyOf(asked) });
    silence.heard();
    await readAnswer(response, answer, silence);
  } catch (cause) {
    asked.signal.throwIfAborted();
    keepWhatCame(cause, answer, { silent: silence.signal.aborted, settings });
  } finally {
    silence.end();
    // Whatever ended the reading, the server must not go on writing.
    stop.abort();
  }
  return answer.generation();
}

function bodyOf(asked: GenerateRequest) {
  return {
    model: asked.model,
    messages: asked.messages,
    max_tokens: asked.maxTokens,
    temperature: asked.temperature,
    seed: asked.seed,
    stream: true,
    stream_options: { include_usage: true },
  };
}

async function readAnswer(response: Response, answer: Answer, silence: Silence): Promise<void> {
  const isStream = response.headers.get('content-type')?.includes('text/event-stream') === true;
  if (!isStream || response.body === null) {
    // A server that ignores `stream` answers in one piece.
    answer.add(parseFrame(await response.text()));
    answer.markDone();
    return;
  }
  const frames = response.body
    .pipeThrough(listenIn(silence))
    .pipeThrough(new TextDecoderStream())
    .pipeThrough(new EventSourceParserStream({ maxBufferSize: LONGEST_FRAME }));
  for await (const { data } of frames) {
    if (data === '[DONE]') return answer.markDone();
    answer.add(parseFrame(data));
    if (answer.isOverlong) return;
  }
  if (answer.isEmpty) throw new ModelError('protocol', 'the stream ended without a single frame');
}

/** Any byte is a sign of life: llama-server sends comments while it reads a long prompt. */
function listenIn(
  silence: Silence,
): TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>> {
  return new TransformStream({
    transform(chunk, controller) {
      silence.heard();
      controller.enqueue(chunk);
    },
  });
}

/** Returns when the answer so far is worth keeping, else throws what went wrong. */
function keepWhatCame(
  cause: unknown,
  answer: Answer,
  { silent, settings }: { silent: boolean; settings: Settings },
): void {
  if (cause instanceof ModelError) throw cause;
  if (!answer.isEmpty) return;
  const { name, idleTimeoutMs } = settings;
  if (silent) {
    const message = `model server ${name} was silent for ${idleTimeoutMs / 1_000} s`;
    throw new ModelError('timeout', message, { cause });
  }
  throw new ModelError('connect', `model server ${name} cut the connection`, { cause });
}
