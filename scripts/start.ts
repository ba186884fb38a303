import { existsSync, readFileSync } from 'node:fs';
import { parseEnv, styleText } from 'node:util';
import { ConfigError } from '../lib/config/config.ts';
import { Refusal } from '../lib/kernel/errors.ts';
import { banner } from './start/banner.ts';
import { StartRefused } from './start/startRefused.ts';
import { type System, startSystem } from './start/system.ts';
import { tellWorker } from './start/tellWorker.ts';
import { unknownVariables } from './start/unknownVariables.ts';

/** `npm start`: the whole service on this machine, until Ctrl-C or SIGTERM. */
const EXIT_FLAWED_CONFIGURATION = 78;
/** npm passes on what the terminal has sent already: one Ctrl-C arrives twice. */
const SAME_SIGNAL_MS = 1_000;

const stopping = new AbortController();
const now = new AbortController();
process.exit(await main());

async function main(): Promise<number> {
  if (existsSync('.env')) readDotEnv();
  listenForSignals();
  const started = performance.now();
  try {
    const system = await startSystem({ env: process.env, log, signal: stopping.signal });
    const seconds = (performance.now() - started) / 1_000;
    const models = await lookForModels(system);
    const columns = process.stdout.isTTY ? process.stdout.columns : undefined;
    console.log(banner({ system, seconds, columns, ...models }));
    void tellWorker(system.url, log, stopping.signal);
    const failure = await untilTold();
    await system.stop(now.signal);
    log('Stopped');
    return failure ? 1 : 0;
  } catch (error) {
    if (stopping.signal.aborted && error === stopping.signal.reason) {
      log('Stopped');
      return 0;
    }
    return explain(error);
  }
}

/** The environment wins over the file. */
function readDotEnv(): void {
  process.loadEnvFile('.env');
  const names = Object.keys(parseEnv(readFileSync('.env', 'utf8')));
  for (const warning of unknownVariables(names)) console.error(`  ${styleText('yellow', warning)}`);
}

/** Loaded here: it brings the worker's rooms along. */
async function lookForModels({ config }: System) {
  const composed = await import('../lib/composeWorker.ts');
  return composed.lookForModels(config);
}

function listenForSignals(): void {
  let first: number | undefined;
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      const at = performance.now();
      if (first === undefined) {
        first = at;
        log('Stopping: running tasks are finished or handed back. Ctrl-C again to hurry');
        stopping.abort();
      } else if (at - first > SAME_SIGNAL_MS) {
        now.abort();
      }
    });
  }
}

/** Resolves to true when it was a fault of ours that ended the wait. */
async function untilTold(): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  stopping.signal.addEventListener('abort', () => resolve(false));
  if (stopping.signal.aborted) resolve(false);
  // Postgres and the children are processes of their own: they must be stopped before we go.
  for (const name of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(name, (error: unknown) => {
      explain(error);
      resolve(true);
    });
  }
  return await promise;
}

function log(line: string): void {
  console.log(`  ${styleText('dim', line)}`);
}

function explain(error: unknown): number {
  if (error instanceof ConfigError) {
    console.error(`\nNothing was started: ${error.message}\n`);
    return EXIT_FLAWED_CONFIGURATION;
  }
  const isForTheUser = error instanceof StartRefused || error instanceof Refusal;
  console.error(isForTheUser ? `\n${error.message}\n` : error);
  return 1;
}
