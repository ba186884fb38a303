import { writeFileSync } from 'node:fs';

const BEAT_MS = 5_000;

/**
 * Writes the time into `file` now and every 5 seconds for as long as the event loop turns. That is all it says: a database
 * that is away is no reason to end a worker, one that hangs is. The health check of the image looks at the file's age.
 */
export function startPulse(file: string, beatMs = BEAT_MS): { stop(): void } {
  const beat = () => writeFileSync(file, `${new Date().toISOString()}\n`);
  beat();
  const timer = setInterval(beat, beatMs).unref();
  return { stop: () => clearInterval(timer) };
}
