import { createFixedProbe } from '../../lib/gpu/adapters/fixed.ts';
import type { GpuReading } from '../../lib/gpu/gpu.ts';
import type { FindPlace } from '../../lib/llm/embedded/place.ts';
import { type GpuPlaces, placeOnGpu } from '../../lib/llm/embedded/placeOnGpu.ts';
import type { Presence } from '../../lib/presence/presence.ts';

export type PlaceOptions = Partial<GpuPlaces> & { presence: Presence; reading: GpuReading };

/**
 * Places on the GPUs of a reading, with real leases. The runtime of the tests computes on the processor all the same: the
 * GPU is somebody's recorded one.
 */
export function placesOn({ reading, ...given }: PlaceOptions): FindPlace {
  return placeOnGpu({
    probe: createFixedProbe(reading),
    host: 'host-1',
    holder: 'worker-1',
    accelerator: 'auto',
    ttlMs: 5_000,
    onError: (error) => {
      throw error;
    },
    ...given,
  });
}
