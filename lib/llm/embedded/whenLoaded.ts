import type { PlacedProcess } from './placedProcess.ts';

/** Resolves with what the loaded model is asked through. Throws `ModelError`, and the signal's reason. */
export async function whenLoaded(
  placed: PlacedProcess,
  signal: AbortSignal,
  hasOthers: () => boolean,
): PlacedProcess['ready'] {
  const { promise: stopped, resolve: stop } = Promise.withResolvers<undefined>();
  const give = () => stop(undefined);
  signal.addEventListener('abort', give, { once: true });
  if (signal.aborted) give();
  try {
    const ready = await Promise.race([placed.ready, stopped]);
    if (ready !== undefined) return ready;
  } finally {
    signal.removeEventListener('abort', give);
  }
  // Nobody else waits for the model: what was loaded so far is given up.
  if (!hasOthers()) {
    placed.kill();
    await placed.gone;
  }
  throw signal.reason;
}
