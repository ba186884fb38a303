import { assertNever } from '../../kernel/assertNever.ts';
import { type GenerateRequest, type Generation, ModelError } from '../llm.ts';
import { Silence } from '../remote/silence.ts';
import type { HostAnswer } from './hostMessage.ts';
import { LocalAnswer } from './localAnswer.ts';
import type { ModelProcess } from './modelProcess.ts';

/**
 * How long a model may take to stop by itself when ending its process would end other answers too. It stops between two
 * tokens, which on a slow machine are most of a second apart.
 */
const POLITE_MS = 2_000;

export interface Speech {
  process: ModelProcess;
  request: GenerateRequest;
  grammar: string | undefined;
  /** Silence after which the answer counts as lost, in milliseconds. */
  idleTimeoutMs: number;
  /** True while the process answers somebody else, too. */
  hasOthers: () => boolean;
}

type Outcome =
  | { kind: 'ended'; last: Exclude<HostAnswer, { type: 'text' }> }
  | { kind: 'gone'; why: string }
  | { kind: 'silent' }
  | { kind: 'aborted' }
  | { kind: 'broken_listener'; error: unknown };

/** One question to the process of a model. Throws `ModelError`, and the signal's reason once the model has stopped. */
export async function speakThrough(speech: Speech): Promise<Generation> {
  const { process, request, idleTimeoutMs } = speech;
  const answer = new LocalAnswer(request);
  const outcome = await converse(speech, answer);
  switch (outcome.kind) {
    case 'ended':
      return answer.ended(outcome.last);
    case 'gone':
      return answer.lost(new ModelError('connect', outcome.why));
    case 'silent':
      process.kill();
      await process.gone;
      return answer.lost(
        new ModelError('timeout', `the model was silent for ${idleTimeoutMs / 1_000} s`),
      );
    case 'aborted':
      throw request.signal.reason;
    case 'broken_listener':
      throw outcome.error;
    default:
      return assertNever(outcome);
  }
}

function converse(speech: Speech, answer: LocalAnswer): Promise<Outcome> {
  const { process, request, grammar, idleTimeoutMs } = speech;
  const { messages, maxTokens, temperature, seed, signal } = request;
  const silence = new Silence(idleTimeoutMs);
  // Its signal may fire long after the answer: then there is nothing to stop, and others use the process.
  const over = new AbortController();
  return new Promise<Outcome>((resolve) => {
    const ended = Promise.withResolvers<void>();
    const stopFor = (outcome: Outcome) => {
      process.abort(id);
      void stopped(speech, ended.promise).then(() => resolve(outcome));
    };
    const onText = (text: string): void => {
      if (signal.aborted || over.signal.aborted) return;
      try {
        answer.add(text);
      } catch (error) {
        over.abort();
        stopFor({ kind: 'broken_listener', error });
      }
    };
    const id = process.ask({ messages, maxTokens, temperature, seed, grammar }, (said) => {
      silence.heard();
      if (said.type === 'text') return onText(said.text);
      ended.resolve();
      // An answer that is stopped ends as stopped, by whoever stops it.
      if (!signal.aborted && !over.signal.aborted) resolve({ kind: 'ended', last: said });
    });
    const stop = () => stopFor({ kind: 'aborted' });
    signal.addEventListener('abort', stop, { once: true, signal: over.signal });
    silence.signal.addEventListener('abort', () => resolve({ kind: 'silent' }), { once: true });
    void process.gone.then((why) => {
      if (!over.signal.aborted)
        resolve(signal.aborted ? { kind: 'aborted' } : { kind: 'gone', why });
    });
    if (signal.aborted) stop();
  }).finally(() => {
    over.abort();
    silence.end();
  });
}

/** The only listener of a process ends it; among others it is given a moment to stop by itself. */
async function stopped({ process, hasOthers }: Speech, ended: Promise<void>): Promise<void> {
  if (hasOthers()) {
    const { promise: late, resolve } = Promise.withResolvers<'late'>();
    const timer = setTimeout(() => resolve('late'), POLITE_MS);
    const first = await Promise.race([ended, late]);
    clearTimeout(timer);
    if (first !== 'late') return;
  }
  await end(process);
}

async function end(process: ModelProcess): Promise<void> {
  process.kill();
  await process.gone;
}
