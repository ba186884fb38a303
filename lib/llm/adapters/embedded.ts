import { type BodyLimit, editGrammar } from '../embedded/editGrammar.ts';
import type { FindPlace, ModelSize } from '../embedded/place.ts';
import { type PlacedProcess, startPlaced } from '../embedded/placedProcess.ts';
import { speakThrough } from '../embedded/speakThrough.ts';
import { whenLoaded } from '../embedded/whenLoaded.ts';
import { type GenerateRequest, type Generation, ModelError, type ModelProvider } from '../llm.ts';

export interface EmbeddedOptions {
  name: string;
  /** Path of node-llama-cpp's module. */
  runtime: string;
  /** Path of the GGUF file. */
  model: string;
  /** Of each slot. */
  contextTokens: number;
  threads: number;
  /** How it can be loaded, the largest first. */
  sizes: readonly ModelSize[];
  findPlace: FindPlace;
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
  let current: PlacedProcess | undefined;
  let released: Promise<void> = Promise.resolve();
  let busy = 0;
  let unload: NodeJS.Timeout | undefined;

  function loaded(): PlacedProcess {
    if (current !== undefined) return current;
    const { name: model, sizes } = options;
    const started = startPlaced({ ...options, demand: { model, sizes }, after: released });
    current = started;
    released = started.released;
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

  async function ask(request: GenerateRequest): Promise<Generation> {
    const hasOthers = () => busy > 1;
    const { process, slots } = await whenLoaded(loaded(), request.signal, hasOthers);
    const leave = await slots.take(request.signal);
    try {
      const grammar = editGrammar(request.context, options.bodyLimit);
      return await speakThrough({ process, request, grammar, idleTimeoutMs, hasOthers });
    } finally {
      leave();
    }
  }

  return {
    name: options.name,
    llm: true,
    goalAddressed: true,
    get pid() {
      return current?.pid;
    },
    generate: async (request) => {
      request.signal.throwIfAborted();
      busy += 1;
      clearTimeout(unload);
      try {
        return await onceMore(request, () => ask(request));
      } finally {
        busy -= 1;
        if (busy === 0) unload = setTimeout(end, idleUnloadMs).unref();
      }
    },
    close: async () => {
      clearTimeout(unload);
      end();
      await released;
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
