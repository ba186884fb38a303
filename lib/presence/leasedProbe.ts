import type { Gpu, GpuReading, VramProbe } from '../gpu/gpu.ts';
import type { GpuLease, Presence } from './presence.ts';

interface LeasedProbeOptions {
  presence: Presence;
  /** Name of this machine. */
  host: string;
  onError: (error: unknown) => void;
}

/**
 * The same readings, without the memory that workers of this machine have leased and not filled yet. A table that cannot
 * be reached changes nothing: the lease itself is asked for before anything is loaded.
 */
export function leasedProbe(probe: VramProbe, options: LeasedProbeOptions): VramProbe {
  return {
    read: async (signal) => {
      const reading = await probe.read(signal);
      return reading.kind === 'none' ? reading : withoutLeased(reading, options);
    },
  };
}

type Found = Extract<GpuReading, { kind: 'gpus' }>;

async function withoutLeased(reading: Found, options: LeasedProbeOptions): Promise<GpuReading> {
  try {
    const gpus = await Promise.all(reading.gpus.map((gpu) => leftOf(gpu, options)));
    return { ...reading, gpus };
  } catch (error) {
    options.onError(error);
    return reading;
  }
}

async function leftOf(gpu: Gpu, { presence, host }: LeasedProbeOptions): Promise<Gpu> {
  const { id, totalMiB, freeMiB } = gpu;
  if (totalMiB === null || freeMiB === null) return gpu;
  const { roomMiB, leases } = await presence.gpuRoom({ host, id, totalMiB, freeMiB });
  return leases.length === 0
    ? gpu
    : { ...gpu, freeMiB: roomMiB, leased: leases.map(holderOf).join(', ') };
}

/** Who has how much of a GPU, for a person. */
export function holderOf({ model, mib, holder }: GpuLease): string {
  return `${model} ${mib} MiB for ${holder}`;
}
