import { join } from 'node:path';
import * as z from 'zod';
import type { Config } from '../../lib/config/config.ts';
import { type ChildPlan, superviseChild } from './superviseChild.ts';
import { waitUntilHealthy } from './waitUntilHealthy.ts';

export interface ChildTools {
  env: NodeJS.ProcessEnv;
  log: (line: string) => void;
  /** What undoes a step runs last in, first out. */
  undo: AsyncDisposableStack;
  /** Fires when they are to end sooner than their grace allows. */
  hurry: AbortSignal;
  /** Ends the wait for them. */
  signal: AbortSignal;
}

export interface Children {
  /** Of the API, without a slash at its end. */
  url: string;
  workerPid(): number;
}

const ROOT = join(import.meta.dirname, '../..');
const API_GRACE_MS = 10_000;
/** What the worker needs beyond its drain to hand its tasks back. */
const WORKER_EXTRA_MS = 10_000;

/** Starts the worker and the API, and resolves once the API is healthy. The API is the first to stop. */
export async function startChildren(config: Config, tools: ChildTools): Promise<Children> {
  const { log, undo, hurry, signal } = tools;
  const worker = superviseChild(workerPlan(config, tools.env), log);
  undo.defer(() => worker.stop(hurry));
  const listening = { url: undefined as string | undefined };
  const api = superviseChild(apiPlan(config, tools.env, listening), log);
  undo.defer(() => api.stop(hurry));
  const url = await waitUntilHealthy({ api, url: () => listening.url, signal });
  return { url, workerPid: () => worker.pid() };
}

function workerPlan(config: Config, env: NodeJS.ProcessEnv): ChildPlan {
  return {
    name: 'worker',
    args: [join(ROOT, 'dist/worker/main.mjs')],
    cwd: ROOT,
    env: () => env,
    logFile: join(config.agentHome, 'logs/worker.log'),
    graceMs: config.drainMs + WORKER_EXTRA_MS,
  };
}

function apiPlan(
  config: Config,
  env: NodeJS.ProcessEnv,
  listening: { url: string | undefined },
): ChildPlan {
  const serverless = join(ROOT, 'node_modules/serverless/bin/serverless.js');
  return {
    name: 'api',
    args: [serverless, 'offline', 'start', '--stage', 'local', '--noSponsor'],
    cwd: ROOT,
    // A port that was any free one stays the same when the API has to be started again.
    env: () => (listening.url === undefined ? env : { ...env, PORT: new URL(listening.url).port }),
    logFile: join(config.agentHome, 'logs/api.log'),
    graceMs: API_GRACE_MS,
    onMessage: (message) => {
      const told = Listening.safeParse(message);
      if (told.success) listening.url = reachable(told.data.url);
    },
  };
}

/** What the gateway plug-in tells its parent. */
const Listening = z.object({ kind: z.literal('gateway_listening'), url: z.url() });

/** Who listens on every address is reached on loopback. */
function reachable(told: string): string {
  const { hostname, port } = new URL(told);
  const isEvery = hostname === '0.0.0.0' || hostname === '[::]';
  return `http://${isEvery ? '127.0.0.1' : hostname}:${port}`;
}
