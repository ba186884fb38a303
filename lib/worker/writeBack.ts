import { setTimeout as wait } from 'node:timers/promises';
import { type Applied, ApplyUnderWay, applyPatch } from '../sandbox/workspace/apply.ts';
import type { Patch } from '../task/patch.ts';
import { faultWords } from './faultWords.ts';

export interface WriteBackRequest {
  /** The repository in the workspace. */
  root: string;
  patch: Patch;
  stateDir: string;
  signal: AbortSignal;
}

/** With `why` where it were not other changes of these paths that kept it from being. */
export type WrittenBack = Applied & { why?: string };

/** Another task writes for moments only. */
const BUSY_MS = 100;
const PATIENCE_MS = 10_000;

/**
 * Puts a result into the workspace, after whatever else is written there just now. A workspace that cannot be written is
 * no fault of the result: why comes back as words. Throws only the signal's reason.
 */
export async function writeBack(request: WriteBackRequest): Promise<WrittenBack> {
  const { signal, ...patch } = request;
  const impatient = performance.now() + PATIENCE_MS;
  for (;;) {
    signal.throwIfAborted();
    try {
      return applyPatch(patch);
    } catch (error) {
      if (!(error instanceof ApplyUnderWay) || performance.now() > impatient) {
        return { kind: 'conflicted', paths: [], why: faultWords(error) };
      }
    }
    await wait(BUSY_MS, undefined, { signal });
  }
}
