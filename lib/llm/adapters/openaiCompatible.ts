import type { GenerateRequest, Generation, ModelProvider } from '../llm.ts';
import { ModelError } from '../llm.ts';
import { Answer } from '../openai/answer.ts';
import { type Endpoint, listModels, request } from '../openai/connection.ts';
import { eventsOf } from '../openai/events.ts';
import { Busy, withRetries } from '../openai/retry.ts';
import { Silence } from '../openai/silence.ts';
import { parseFrame } from '../openai/wire.ts';

export interface OpenAiCompatibleOptions extends Endpoint {
  /**
   * Silence after which an answer counts as lost, in milliseconds. The prompt is read before the first piece, so this
   * is long; it stays below the 300 s after which fetch gives up by itself.
   */
  idleTimeoutMs?: number;
  /** Further tries after a connection refused or lost before the first word, 429, 502, 503 or 504. */
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
  const signal = AbortSignal.any([asked.signal, silence.signal]);
  try {
    const response = await request(settings, '/chat/completions', { signal, body: bodyOf(asked) });
    silence.heard();
    const answer = new Answer(asked);
    const loss = await readAnswer(response, answer, silence);
    asked.signal.throwIfAborted();
    if (answer.isEmpty) throw lostEmpty(settings, loss);
    return answer.generation();
  } catch (cause) {
    asked.signal.throwIfAborted();
    if (silence.signal.aborted) throw silent(settings, cause);
    throw cause;
  } finally {
    silence.end();
  }
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

/** Fills the answer; returns why the connection was lost, if it was. Leaving the loop closes the connection. */
async function readAnswer(response: Response, answer: Answer, silence: Silence): Promise<unknown> {
  for await (const event of eventsOf(response, silence)) {
    if (event.kind === 'lost') return event.cause;
    if (event.data === '[DONE]') {
      answer.markDone();
      return undefined;
    }
    answer.add(parseFrame(event.data));
    if (answer.isOverlong) return undefined;
  }
  if (answer.hasFrames) return undefined;
  throw new ModelError('protocol', 'the stream ended without a single frame');
}

function lostEmpty({ name }: Settings, cause: unknown): Busy {
  return new Busy(`model server ${name} ended the answer before its first word`, {
    kind: 'connect',
    cause,
  });
}

function silent({ name, idleTimeoutMs }: Settings, cause: unknown): ModelError {
  const seconds = idleTimeoutMs / 1_000;
  return new ModelError('timeout', `model server ${name} was silent for ${seconds} s`, { cause });
}
