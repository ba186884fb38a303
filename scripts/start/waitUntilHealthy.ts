import { setTimeout as delay } from 'node:timers/promises';
import type { SupervisedChild } from './superviseChild.ts';

interface Wait {
  api: SupervisedChild;
  /** Undefined until the API has told where it listens. */
  url: () => string | undefined;
  signal: AbortSignal;
}

const DEADLINE_MS = 120_000;
const POLL_MS = 100;
const LOSSES = 3;

/** Resolves with the API's address once GET /health answers 200. Throws when the API keeps ending, or in the end. */
export async function waitUntilHealthy({ api, url, signal }: Wait): Promise<string> {
  const deadline = AbortSignal.timeout(DEADLINE_MS);
  let found = 'it did not listen';
  while (!deadline.aborted) {
    signal.throwIfAborted();
    const at = url();
    if (at !== undefined) {
      found = await health(at);
      if (found === 'healthy') return at;
    }
    if (api.losses() >= LOSSES) throw notHealthy('it ended three times', api);
    await delay(POLL_MS);
  }
  throw notHealthy(found, api);
}

async function health(url: string): Promise<string> {
  try {
    const response = await fetch(new URL('/health', url), { signal: AbortSignal.timeout(10_000) });
    return response.status === 200 ? 'healthy' : `GET /health said ${await response.text()}`;
  } catch (error) {
    return error instanceof Error ? `GET /health failed: ${error.message}` : String(error);
  }
}

function notHealthy(found: string, api: SupervisedChild): Error {
  return new Error(`The API did not become healthy: ${found}. Its last lines:\n${api.tail()}`);
}
