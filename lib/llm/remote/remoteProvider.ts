import type { GenerateRequest, Generation, ModelProvider } from '../llm.ts';
import { ModelError } from '../llm.ts';
import { Answer } from './answer.ts';
import { type Endpoint, listModels, request } from './connection.ts';
import type { Dialect } from './dialect.ts';
import { eventsOf } from './events.ts';
import { Busy, withRetries } from './retry.ts';
import { Silence } from './silence.ts';

export interface RemoteOptions extends Endpoint {
  /**
   * Silence after which an answer counts as lost, in milliseconds. The prompt is read before the first piece, so this
   * is long; it stays below the 300 s after which fetch gives up by itself.
   */
  idleTimeoutMs?: number;
  /** Further tries after a connection refused or lost before the first word, 429, 502, 503, 504 or 529. */
  retries?: number;
  /** First pause between tries in milliseconds when the server names none; it doubles. */
  retryPauseMs?: number;
}

export type RemoteProvider = ModelProvider & {
  /** Names of the models that the server serves. Throws `ModelError`. */
  listModels(signal: AbortSignal): Promise<string[]>;
};

const DEFAULTS = { idleTimeoutMs: 280_000, retries: 3, retryPauseMs: 250 } as const;
type Settings = Required<Omit<RemoteOptions, 'apiKey'>> & Endpoint;

/**
 * A model behind HTTP. Always streams: an abort then ends the generation on the server, and a cut answer keeps what has
 * come.
 */
export function createRemote(dialect: Dialect, options: RemoteOptions): RemoteProvider {
  const settings: Settings = { ...DEFAULTS, ...options };
  return {
    name: options.name,
    llm: true,
    goalAddressed: true,
    generate: async (asked) => {
      asked.signal.throwIfAborted();
      return await withRetries(settings, asked.signal, () =>
        generateOnce(settings, dialect, asked),
      );
    },
    listModels: (signal) => listModels(settings, dialect, signal),
  };
}

async function generateOnce(
  settings: Settings,
  dialect: Dialect,
  asked: GenerateRequest,
): Promise<Generation> {
  const silence = new Silence(settings.idleTimeoutMs);
  const signal = AbortSignal.any([asked.signal, silence.signal]);
  try {
    const init = { signal, body: dialect.bodyOf(asked) };
    const response = await request(settings, dialect, dialect.chatPath, init);
    silence.heard();
    const answer = new Answer(asked);
    const loss = await readAnswer(eventsOf(response, dialect.framing, silence), dialect, answer);
    asked.signal.throwIfAborted();
    if (answer.isEmpty) throw lostEmpty(settings, loss);
    const generation = answer.generation();
    dialect.check?.(asked, generation);
    return generation;
  } catch (cause) {
    asked.signal.throwIfAborted();
    if (silence.signal.aborted) throw silent(settings, cause);
    throw cause;
  } finally {
    silence.end();
  }
}

/** Fills the answer; returns why the connection was lost, if it was. Leaving the loop closes the connection. */
async function readAnswer(
  events: ReturnType<typeof eventsOf>,
  dialect: Dialect,
  answer: Answer,
): Promise<unknown> {
  for await (const event of events) {
    if (event.kind === 'lost') return event.cause;
    const said = dialect.read(event.data);
    answer.add(said);
    if (said.last === true || answer.isOverlong) return undefined;
  }
  if (answer.hasPieces) return undefined;
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
