import type { Gpu, VramProbe } from '../../gpu/gpu.ts';
import { type HeldGpu, holdGpu } from '../../presence/holdGpu.ts';
import type { Presence } from '../../presence/presence.ts';
import { ModelError } from '../llm.ts';
import { type FindPlace, type MemoryDemand, onProcessor, type Place } from './place.ts';

export interface GpuPlaces {
  probe: VramProbe;
  presence: Presence;
  /** Name of this machine, as its workers share it. */
  host: string;
  /** Id of the worker. */
  holder: string;
  /** What the runtime was installed for. */
  accelerator: 'cuda' | 'vulkan' | 'metal' | 'auto';
  ttlMs: number;
  onError: (error: unknown) => void;
}

/**
 * Takes a lease of the memory that a model needs before it is loaded: on the GPU with the most that is free, or the next.
 * Where no tool tells of a GPU the model runs on the processor, without a lease.
 */
export function placeOnGpu(places: GpuPlaces): FindPlace {
  return async (demand, signal) => {
    const reading = await places.probe.read(signal);
    signal.throwIfAborted();
    if (reading.kind === 'none' || isBeyondLeases(places, reading.gpus)) {
      return onProcessor(demand, signal);
    }
    const why: string[] = [];
    for (const gpu of reading.gpus.toSorted((a, b) => (b.freeMiB ?? 0) - (a.freeMiB ?? 0))) {
      const found = await tryGpu(places, gpu, demand);
      if (typeof found !== 'string') return found;
      why.push(found);
    }
    throw new ModelError('protocol', `${demand.model} cannot be loaded: ${why.join('; ')}`);
  };
}

/** A place, or in a sentence why there is not even one for the smallest size. */
async function tryGpu(
  places: GpuPlaces,
  gpu: Gpu,
  { model, sizes }: MemoryDemand,
): Promise<Place | string> {
  const { presence, host, holder, ttlMs, onError } = places;
  const { id, totalMiB, freeMiB } = gpu;
  if (totalMiB === null || freeMiB === null) return `GPU ${id} does not tell what is free`;
  const room = { host, id, totalMiB, freeMiB };
  let why = `the need of ${model} is not known`;
  for (const { slots, mib } of sizes) {
    const claim = { gpu: room, holder, model, mib };
    const hold = await holdGpu({ presence, claim, ttlMs, onError });
    if (hold.kind === 'held') return placeOf(places, gpu, { held: hold.held, slots });
    why = hold.why;
  }
  return why;
}

/** Vulkan numbers the GPUs in an order of its own: with several nobody could say which of them a lease is for. */
function isBeyondLeases({ accelerator, onError }: GpuPlaces, gpus: readonly Gpu[]): boolean {
  const isBeyond = accelerator === 'vulkan' && gpus.length > 1;
  if (isBeyond) onError(new Error('with several GPUs the runtime for CUDA is needed to use one'));
  return isBeyond;
}

function placeOf(
  { accelerator, onError }: GpuPlaces,
  gpu: Gpu,
  { held, slots }: { held: HeldGpu; slots: number },
): Place {
  return {
    slots,
    gpu: accelerator,
    env: accelerator === 'cuda' ? { CUDA_VISIBLE_DEVICES: cudaName(gpu) } : {},
    lost: held.lost,
    markLoaded: () => void held.markLoaded(),
    // Nobody can be told: the lease runs out by itself.
    giveBack: () => held.giveBack().catch(onError),
  };
}

/** NVIDIA's MIG guide: an instance is `MIG-<UUID of the GPU>/<GPU instance>/<compute instance>`. */
function cudaName({ id, memory }: Gpu): string {
  return memory === 'slice' ? `MIG-${id}` : id;
}
