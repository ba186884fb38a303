import { setTimeout as delay } from 'node:timers/promises';
import { HealthAnswer } from '../../lib/task/answers.ts';

const PATIENCE_MS = 2_000;
const POLL_MS = 500;

/**
 * Says when the worker takes tasks, and in which sandbox. At the very first start it may have to fetch bubblewrap, so a
 * wait is told too. Ends with the signal.
 */
export async function tellWorker(
  url: string,
  log: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const started = performance.now();
  let isToldToWait = false;
  while (!signal.aborted) {
    const health = await readHealth(url, signal);
    if (health?.workers.ok === true) return log(workerLine(health));
    if (!isToldToWait && performance.now() - started > PATIENCE_MS) {
      isToldToWait = true;
      log('The worker is getting its sandbox ready (once; tasks wait for it) ...');
    }
    await delay(POLL_MS, undefined, { signal }).catch(() => undefined);
  }
}

/** Undefined while the API is away: its supervisor brings it back and tells of it. */
async function readHealth(url: string, signal: AbortSignal): Promise<HealthAnswer | undefined> {
  try {
    const response = await fetch(new URL('/health', url), { signal });
    return HealthAnswer.parse(await response.json());
  } catch {
    return undefined;
  }
}

function workerLine({ sandbox, workers }: HealthAnswer): string {
  if (sandbox.ok)
    return `The worker takes ${tasks(workers.slots)} at once; sandbox: ${sandbox.tier}`;
  return `The worker writes files but executes nothing: ${sandbox.detail ?? 'no sandbox'}. \`npx agentctl doctor\` names the fix`;
}

function tasks(slots: number): string {
  return slots === 1 ? 'one task' : `${slots} tasks`;
}
