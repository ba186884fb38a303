import { type ChildProcess, fork } from 'node:child_process';
import { assetPath } from '../../kernel/assets.ts';
import { ModelError } from '../llm.ts';
import { type AskHost, type HostAnswer, HostMessage, type HostOptions } from './hostMessage.ts';

/** A large model comes from a slow disk. */
const LOAD_MS = 600_000;
/** Of what the process writes to its standard error, the end. */
const STDERR_CHARS = 2_000;

export interface ModelProcess {
  readonly pid: number | undefined;
  /** Resolves when the model is loaded; rejects with `ModelError` when it cannot be. */
  readonly ready: Promise<{ contextTokens: number; gpu: string | null }>;
  /** Resolves with the reason once the process is gone, whoever ended it. */
  readonly gone: Promise<string>;
  /** Puts a question; `onAnswer` hears everything about it. Returns its id. */
  ask(question: AskHost, onAnswer: (answer: HostAnswer) => void): number;
  /** Asks for an early end of one answer, which a model in the middle of a long prompt does not hear. */
  abort(id: number): void;
  /** Ends the process at once; `gone` tells when. */
  kill(): void;
}

export interface ProcessOptions extends HostOptions {
  /** The whole environment: the model has no business with keys and passwords. */
  env: Readonly<Record<string, string>>;
}

/** Starts a process that loads one model and answers questions until it is killed. */
export function startModelProcess(options: ProcessOptions): ModelProcess {
  const { runtime, model, contextTokens, slots, threads, gpu, env } = options;
  const host: HostOptions = { runtime, model, contextTokens, slots, threads, gpu };
  const child = fork(assetPath('lib/llm/embedded/host.mjs'), [JSON.stringify(host)], {
    // Flags of ours, such as an inspector's port, are not the child's.
    execArgv: [],
    env: { ...env },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  const listeners = new Map<number, (answer: HostAnswer) => void>();
  const gone = whenGone(child);
  let lastId = 0;
  child.on('message', (raw) => {
    const message = HostMessage.parse(raw);
    if (!('id' in message)) return;
    const listener = listeners.get(message.id);
    if (message.type !== 'text') listeners.delete(message.id);
    listener?.(message);
  });
  return {
    pid: child.pid,
    ready: whenReady(child, gone, options.model),
    gone,
    ask: (question, onAnswer) => {
      lastId += 1;
      listeners.set(lastId, onAnswer);
      if (child.connected) child.send({ type: 'ask', id: lastId, ...question });
      return lastId;
    },
    abort: (id) => {
      if (child.connected) child.send({ type: 'abort', id });
    },
    kill: () => void child.kill('SIGKILL'),
  };
}

function whenReady(
  child: ChildProcess,
  gone: Promise<string>,
  model: string,
): ModelProcess['ready'] {
  const failed = (why: string) => new ModelError('protocol', `${model} cannot be loaded: ${why}`);
  const ready = new Promise<{ contextTokens: number; gpu: string | null }>((resolve, reject) => {
    const late = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new ModelError('timeout', `${model} was not loaded in ${LOAD_MS / 1_000} s`));
    }, LOAD_MS);
    child.once('message', (raw) => {
      clearTimeout(late);
      const message = HostMessage.parse(raw);
      if (message.type === 'ready') resolve(message);
      if (message.type === 'failed') reject(failed(message.message));
    });
    void gone.then((why) => {
      clearTimeout(late);
      reject(failed(why));
    });
  });
  // Whoever waits for it hears of it; a process that nobody waits for may fail in peace.
  ready.catch(() => undefined);
  return ready;
}

function whenGone(child: ChildProcess): Promise<string> {
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-STDERR_CHARS);
  });
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(`its process does not start: ${error.message}`));
    child.once('exit', (code, signal) => {
      const how = signal === null ? `exit code ${code}` : `signal ${signal}`;
      const last = said.replaceAll(/\s+/g, ' ').trim();
      resolve(`its process ended with ${how}${last === '' ? '' : `: ${last}`}`);
    });
  });
}
