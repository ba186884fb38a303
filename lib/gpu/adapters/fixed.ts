import type { GpuReading, VramProbe } from '../gpu.ts';

/** Always the same reading: for tests, and for machines whose memory is set aside by hand. */
export function createFixedProbe(reading: GpuReading): VramProbe {
  return { read: () => Promise.resolve(reading) };
}
