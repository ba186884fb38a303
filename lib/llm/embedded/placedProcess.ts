import { ModelError } from '../llm.ts';
import { type ModelProcess, startModelProcess } from './modelProcess.ts';
import type { FindPlace, MemoryDemand, Place } from './place.ts';
import { Slots } from './slots.ts';

export interface PlacedOptions {
  /** Path of node-llama-cpp's module. */
  runtime: string;
  /** Path of the GGUF file. */
  model: string;
  /** Of each slot. */
  contextTokens: number;
  threads: number;
  demand: MemoryDemand;
  findPlace: FindPlace;
  /** The memory of the process before this one: it is asked for anew only when it was given back. */
  after: Promise<void>;
}

export interface PlacedProcess {
  readonly pid: number | undefined;
  /** Resolves when the model is loaded; rejects with `ModelError` when it has no place or cannot be loaded. */
  readonly ready: Promise<{ process: ModelProcess; slots: Slots }>;
  /** Resolves with the reason once there is no process, whoever ended it. */
  readonly gone: Promise<string>;
  /** Resolves when its memory was given back, after `gone`. */
  readonly released: Promise<void>;
  kill(): void;
}

interface Started {
  place: Place;
  process: ModelProcess;
}

/** Finds a place for a model, starts its process there and ends it when the place is lost. */
export function startPlaced(options: PlacedOptions): PlacedProcess {
  const killed = new AbortController();
  let pid: number | undefined;

  async function start(): Promise<Started> {
    await options.after;
    const place = await options.findPlace(options.demand, killed.signal);
    if (killed.signal.aborted) {
      await place.giveBack();
      throw new ModelError('connect', 'it was ended before it was started');
    }
    const process = startModelProcess({ ...options, ...place });
    pid = process.pid;
    const end = () => process.kill();
    for (const signal of [killed.signal, place.lost]) signal.addEventListener('abort', end);
    if (place.lost.aborted) end();
    return { place, process };
  }

  const started = start();
  const gone = started.then(whyGone, (error: unknown) => String(error));
  const ready = started.then(async ({ place, process }) => {
    await process.ready;
    place.markLoaded();
    return { process: { ...process, gone }, slots: new Slots(place.slots) };
  });
  // Whoever waits for it hears of it; a process that nobody waits for may fail in peace.
  ready.catch(() => undefined);
  return {
    get pid() {
      return pid;
    },
    ready,
    gone,
    released: gone.then(() =>
      started.then(
        ({ place }) => place.giveBack(),
        () => undefined,
      ),
    ),
    kill: () => killed.abort(),
  };
}

async function whyGone({ place, process }: Started): Promise<string> {
  const why = await process.gone;
  return place.lost.aborted ? `the lease of its memory was lost, so it was ended: ${why}` : why;
}
