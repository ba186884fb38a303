import { dialectOf, type ServerKind } from './dialects/dialectOf.ts';
import { ModelError } from './llm.ts';
import { listServed } from './remote/connection.ts';

export interface ServerAddress {
  name: string;
  kind: ServerKind;
  /** Base of the API, with or without `/v1`. */
  url: string;
  apiKey?: string | undefined;
}

export interface FoundServer extends ServerAddress {
  /** Names of the models as the server gives them. */
  models: string[];
  /** Tokens of context by the name of the model, where the server tells. */
  contexts?: Record<string, number>;
  /** Why a configured server offers nothing. */
  problem?: string;
}

export interface FindOptions {
  /** MODEL_SERVERS; undefined: look on loopback where such servers usually listen. */
  configured?: readonly ServerAddress[] | undefined;
  /** Asked besides, with a key: nothing of this list is asked unless somebody has allowed it. */
  cloud?: readonly ServerAddress[];
  /** Our own API: it may listen where llama-server usually does, and would answer a stranger's question. */
  ownPort?: number;
  /** Where to look instead of the usual places. */
  usual?: readonly ServerAddress[];
}

/** A server on this machine answers at once or is not there; a configured one may be further away. */
const PROBE_MS = 300;
const CONFIGURED_MS = 2_000;
/** A vendor's list is pages long and an ocean away. */
const CLOUD_MS = 5_000;

/** Where model servers usually listen. */
export const USUAL_SERVERS: readonly ServerAddress[] = [
  { name: 'ollama', kind: 'ollama', url: 'http://127.0.0.1:11434' },
  { name: 'lm-studio', kind: 'openai-compatible', url: 'http://127.0.0.1:1234/v1' },
  { name: 'vllm', kind: 'openai-compatible', url: 'http://127.0.0.1:8000/v1' },
  { name: 'sglang', kind: 'openai-compatible', url: 'http://127.0.0.1:30000/v1' },
  { name: 'llama-server', kind: 'openai-compatible', url: 'http://127.0.0.1:9931/v1' },
  { name: 'llama-server-8080', kind: 'openai-compatible', url: 'http://127.0.0.1:8080/v1' },
];

/**
 * Asks model servers which models they serve, all at once. Found ones come back in the order of the list; a configured
 * one that does not answer comes back with its problem. Throws only the signal's reason.
 */
export async function findServers(
  { configured, cloud = [], ownPort, usual = USUAL_SERVERS }: FindOptions,
  signal: AbortSignal,
): Promise<FoundServer[]> {
  const [local, far] = await Promise.all([
    configured === undefined
      ? probe(usual, ownPort, signal)
      : askAll(configured, CONFIGURED_MS, signal),
    askAll(cloud, CLOUD_MS, signal),
  ]);
  return [...local, ...far];
}

async function probe(
  usual: readonly ServerAddress[],
  ownPort: number | undefined,
  signal: AbortSignal,
): Promise<FoundServer[]> {
  const others = usual.filter(({ url }) => Number(new URL(url).port) !== ownPort);
  const asked = await askAll(others, PROBE_MS, signal);
  return asked.filter(({ problem }) => problem === undefined);
}

function askAll(
  servers: readonly ServerAddress[],
  timeoutMs: number,
  signal: AbortSignal,
): Promise<FoundServer[]> {
  return Promise.all(servers.map((server) => ask(server, timeoutMs, signal)));
}

async function ask(
  server: ServerAddress,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<FoundServer> {
  const deadline = AbortSignal.timeout(timeoutMs);
  const none = (problem: string): FoundServer => ({ ...server, models: [], problem });
  try {
    const either = AbortSignal.any([signal, deadline]);
    return { ...server, ...(await listServed(server, dialectOf(server.kind), either)) };
  } catch (cause) {
    signal.throwIfAborted();
    if (deadline.aborted) return none(`no answer in ${timeoutMs} ms`);
    if (cause instanceof ModelError) return none(cause.message);
    // A connection that breaks while the list is read.
    if (cause instanceof TypeError) return none(cause.message);
    throw cause;
  }
}
