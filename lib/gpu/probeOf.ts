import { freemem } from 'node:os';
import type { Gpu, VramProbe } from './gpu.ts';

/** What one way of asking for GPUs found. `missing`: it does not exist here, so another one may be tried. */
export type ToolReading =
  | { kind: 'gpus'; gpus: Gpu[] }
  | { kind: 'missing'; why: string }
  | { kind: 'failed'; why: string };

export type ToolReader = (signal?: AbortSignal) => Promise<ToolReading>;

const BYTES_PER_MIB = 1_048_576;

/** Asks each in turn until one is there. One that is there and fails is the answer: its GPU cannot be used. */
export function probeOf(readers: readonly ToolReader[]): VramProbe {
  return {
    read: async (signal) => {
      const missing: string[] = [];
      for (const reader of readers) {
        const reading = await reader(signal);
        const ramFreeMiB = Math.floor(freemem() / BYTES_PER_MIB);
        if (reading.kind === 'gpus') return { ...reading, ramFreeMiB };
        if (reading.kind === 'failed') return { kind: 'none', why: reading.why, ramFreeMiB };
        missing.push(reading.why);
      }
      const ramFreeMiB = Math.floor(freemem() / BYTES_PER_MIB);
      return { kind: 'none', why: missing.join(', '), ramFreeMiB };
    },
  };
}
