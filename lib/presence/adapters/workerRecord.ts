import * as z from 'zod';
import type { EpochMs } from '../../kernel/clock.ts';
import { ModelCard } from '../../models/card.ts';
import { ServerTrouble } from '../../task/serverTrouble.ts';
import type { WorkerRecord } from '../presence.ts';

const epochMs = z.number().transform((ms) => ms as EpochMs);
const mebibytes = z.number().nullable();

const GpuReading = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('gpus'),
    gpus: z.array(
      z.object({
        id: z.string(),
        index: z.int(),
        name: z.string(),
        totalMiB: mebibytes,
        freeMiB: mebibytes,
        memory: z.enum(['own', 'slice', 'unified']),
        leased: z.string().optional(),
      }),
    ),
    ramFreeMiB: z.number(),
  }),
  z.object({ kind: z.literal('none'), why: z.string(), ramFreeMiB: z.number() }),
]);

const Stored = z.object({
  workerId: z.string(),
  host: z.string(),
  pid: z.int(),
  startedAt: epochMs,
  concurrency: z.int(),
  running: z.int(),
  gpu: GpuReading,
  models: z.array(ModelCard),
  troubles: z.array(ServerTrouble).optional(),
  sandbox: z.object({
    tier: z.enum(['bubblewrap', 'namespaces', 'none']),
    detail: z.string(),
    remedy: z.string().optional(),
  }),
  toolchains: z.record(z.string(), z.string()),
  speeds: z.record(z.string(), z.number()).optional(),
});

/** Undefined for a record that a worker of another version wrote in another form. */
export function parseWorkerRecord(text: string): WorkerRecord | undefined {
  const parsed = Stored.safeParse(JSON.parse(text));
  return parsed.success ? parsed.data : undefined;
}
