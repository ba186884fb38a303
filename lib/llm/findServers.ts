import { ModelError } from './llm.ts';
import { listModels } from './openai/connection.ts';

export interface ServerAddress {
  name: string;
  /** Base of the OpenAI-compatible API, with or without `/v1`. */
  url: string;
}

export interface FoundServer extends ServerAddress {
  /** Names of the models as the server gives them. */
  models: string[];
  /** Why a configured server offers nothing. */
  problem?: string;
}

export interface FindOptions {
  /** MODEL_SERVERS; undefined: look on loopback where such servers usually listen. */
  configured?: readonly ServerAddress[] | undefined;
  /** Our own API: it may listen where llama-server usually does, and would answer a stranger's question. */
  ownPort?: number;
  /** Where to look instead of the usual places. */
  usual?: readonly ServerAddress[];
}

/** A server on this machine answers at once or is not there; a configured one may be further away. */
const PROBE_MS = 300;
const CONFIGURED_MS = 2_000;

const USUAL: readonly ServerAddress[] = [
  { name: 'ollama', url: 'http://127.0.0.1:11434/v1' },
  { name: 'lm-studio', url: 'http://127.0.0.1:1234/v1' },
  { name: 'vllm', url: 'http://127.0.0.1:8000/v1' },
  { name: 'sglang', url: 'http://127.0.0.1:30000/v1' },
  { name: 'llama-server', url: 'http://127.0.0.1:9931/v1' },
  { name: 'llama-server-8080', url: 'http://127.0.0.1:8080/v1' },
];

/**
 * Asks model servers which models they serve, all at once. Found ones come back in the order of the list; a configured
 * one that does not answer comes back with its problem. Throws only the signal's reason.
 */
export async function findServers(
  { configured, ownPort, usual = USUAL }: FindOptions,
  signal: AbortSignal,
): Promise<FoundServer[]> {
  const asked =
    configured === undefined
      ? await Promise.all(
          usual
            .filter(({ url }) => Number(new URL(url).port) !== ownPort)
            .map((server) => ask(server, PROBE_MS, signal)),
        )
      : await Promise.all(configured.map((server) => ask(server, CONFIGURED_MS, signal)));
  return configured === undefined ? asked.filter(({ problem }) => problem === undefined) : asked;
}

async function ask(
  server: ServerAddress,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<FoundServer> {
  const deadline = AbortSignal.timeout(timeoutMs);
  const { name, url } = server;
  try {
    return { name, url, models: await listModels(server, AbortSignal.any([signal, deadline])) };
  } catch (cause) {
    signal.throwIfAborted();
    if (deadline.aborted) return { name, url, models: [], problem: `no answer in ${timeoutMs} ms` };
    if (cause instanceof ModelError) return { name, url, models: [], problem: cause.message };
    // A connection that breaks while the list is read.
    if (cause instanceof TypeError) return { name, url, models: [], problem: cause.message };
    throw cause;
  }
}
