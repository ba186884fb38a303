import { type BodyLimit, editGrammar } from '../embedded/editGrammar.ts';
import type { HostOptions } from '../embedded/hostMessage.ts';
import { type ModelProcess, startModelProcess } from '../embedded/modelProcess.ts';
import { Slots } from '../embedded/slots.ts';
import { speakThrough } from '../embedded/speakThrough.ts';
import { type GenerateRequest, type Generation, ModelError, type ModelProvider } from '../llm.ts';

export interface EmbeddedOptions extends HostOptions {
  name: string;
  /** The process of a model that nobody has asked for so long is ended, in milliseconds. */
  idleUnloadMs?: number;
  /** Silence after which an answer counts as lost, in milliseconds; reading a long prompt is silent. */
  idleTimeoutMs?: number;
  /** Bounds the files of an answer, for models that would never end. */
  bodyLimit?: BodyLimit;
}

export type Embedded = ModelProvider & {
  /** Process id of the loaded model; undefined while it is not loaded. */
  readonly pid: number | undefined;
  /** Ends the process; resolves when it is gone. */
  close(): Promise<void>;
};

const IDLE_UNLOAD_MS = 300_000;
const IDLE_TIMEOUT_MS = 280_000;

/**
 * A model in a process of its own, loaded by the first question and unloaded when nobody asks any more. A question that
 * is aborted ends the process when it is the only one, and otherwise as soon as the model does not stop by itself.
 */
export function createEmbedded(options: EmbeddedOptions): Embedded {
  const { idleUnloadMs = IDLE_UNLOAD_MS, idleTimeoutMs = IDLE_TIMEOUT_MS } = options;
  const slots = new Slots(options.slots);
  let current: ModelProcess | undefined;
  let busy = 0;
  let unload: NodeJS.Timeout | undefined;

  function loaded(): ModelProcess {
    if (current !== undefined) return current;
    const started = startModelProcess(options);
    current = started;
    void started.gone.then(() => {
      if (current === started) current = undefined;
    });
    return started;
  }

  function end(): void {
    const ended = current;
    current = undefined;
    ended?.kill();
  }

  function ask(request: GenerateRequest): Promise<Generation> {
    const grammar = editGrammar(request.context, options.bodyLimit);
    const hasOthers = () => busy > 1;
    return speakThrough({ process: loaded(), request, grammar, idleTimeoutMs, hasOthers });
  }

  return {
    name: options.name,
    llm: true,
    goalAddressed: true,
    get pid() {
      return current?.pid;
    },
    generate: async (request) => {
      const leave = await slots.take(request.signal);
      busy += 1;
      clearTimeout(unload);
      try {
        return await onceMore(request, () => ask(request));
      } finally {
        busy -= 1;
        if (busy === 0) unload = setTimeout(end, idleUnloadMs).unref();
        leave();
      }
    },
    close: async () => {
      clearTimeout(unload);
      const gone = current?.gone;
      end();
      await gone;
    },
  };
}

/** A process that ended before its first word may have been ended for the sake of another task. */
async function onceMore(
  { signal }: GenerateRequest,
  ask: () => Promise<Generation>,
): Promise<Generation> {
  try {
    return await ask();
  } catch (cause) {
    const mayPass = cause instanceof ModelError && cause.kind === 'connect' && !signal.aborted;
    if (!mayPass) throw cause;
    return await ask();
  }
}
