import type { GpuReading, VramProbe } from './gpu.ts';

export interface RefreshedProbe extends VramProbe {
  /** Ends the reading that is under way; what was read last stays. */
  close(): Promise<void>;
}

/**
 * Reads now, and again `everyMs` after each end, in the background: nobody who asks waits for a tool, but for the first
 * answer. A task is never slower for a driver that hangs.
 */
export function refreshed(probe: VramProbe, everyMs: number): RefreshedProbe {
  const closing = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let underWay: Promise<GpuReading>;
  let latest: GpuReading | undefined;

  function refresh(): Promise<GpuReading> {
    return probe.read(closing.signal).then((reading) => {
      if (closing.signal.aborted) return latest ?? reading;
      latest = reading;
      timer = setTimeout(() => {
        underWay = refresh();
      }, everyMs);
      return reading;
    });
  }

  underWay = refresh();
  return {
    read: () => (latest === undefined ? underWay : Promise.resolve(latest)),
    close: async () => {
      closing.abort();
      clearTimeout(timer);
      await underWay;
    },
  };
}
