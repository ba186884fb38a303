import { setTimeout as delay } from 'node:timers/promises';
import { Refusal } from '../kernel/errors.ts';
import type { Store } from '../store/store.ts';

const PAUSE_MS = 250;

/**
 * The store of one run: a database that is away for moments does not cost the run, which holds its lease all the while.
 * What it writes is asked for again until it is written or `signal` fires. A write whose answer was lost may be told
 * twice; under the fence it never undoes what came after it.
 */
export function patientStore(store: Store, signal: AbortSignal): Store {
  const patient =
    <A extends unknown[], T>(ask: (...asked: A) => Promise<T>) =>
    (...asked: A): Promise<T> =>
      patiently(() => ask(...asked), signal);
  return {
    ...store,
    loadSteps: patient(store.loadSteps),
    recordStep: patient(store.recordStep),
    dropStepsFrom: patient(store.dropStepsFrom),
    appendEvents: patient(store.appendEvents),
    appendDenials: patient(store.appendDenials),
    keepModelCall: patient(store.keepModelCall),
    forgetModelCall: patient(store.forgetModelCall),
    usageOf: patient(store.usageOf),
    finishTask: patient(store.finishTask),
  };
}

async function patiently<T>(ask: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      const isAway = error instanceof Refusal && error.kind === 'unavailable';
      if (!isAway || signal.aborted) throw error;
    }
    await pause(signal);
  }
}

async function pause(signal: AbortSignal): Promise<void> {
  try {
    await delay(PAUSE_MS, undefined, { signal });
  } catch (cause) {
    signal.throwIfAborted();
    throw cause;
  }
}
