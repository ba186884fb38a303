import * as z from 'zod';
import type { Gpu } from './gpu.ts';

const bytes = z
  .string()
  .regex(/^\d{1,15}$/)
  .transform(Number);

/** One card, as far as it is read; names of fields changed their capitals between releases. */
const Card = z.object({
  'VRAM Total Memory (B)': bytes,
  'VRAM Total Used Memory (B)': bytes,
  'Unique ID': z.string().optional(),
  'Card Series': z.string().optional(),
  'Card series': z.string().optional(),
});

const Output = z.record(z.string(), z.unknown());
const BYTES_PER_MIB = 1_048_576;

/** Reads the JSON of `rocm-smi`. Undefined when it is none, or lists no card with memory. */
export function parseRocmOutput(text: string): Gpu[] | undefined {
  const output = Output.safeParse(readJson(text));
  if (!output.success) return undefined;
  const gpus = Object.entries(output.data).flatMap(([key, value]) => {
    const [, index] = /^card(\d+)$/.exec(key) ?? [];
    const card = Card.safeParse(value);
    return index === undefined || !card.success ? [] : [gpuOf(Number(index), card.data)];
  });
  return gpus.length === 0 ? undefined : gpus;
}

function gpuOf(index: number, card: z.infer<typeof Card>): Gpu {
  const total = card['VRAM Total Memory (B)'];
  const free = Math.max(0, total - card['VRAM Total Used Memory (B)']);
  const told = card['Unique ID'];
  return {
    // An APU has none, and says so in words.
    id: told !== undefined && /^0x[0-9a-f]+$/i.test(told) ? told : `card${index}`,
    index,
    name: card['Card Series'] ?? card['Card series'] ?? 'AMD GPU',
    totalMiB: Math.floor(total / BYTES_PER_MIB),
    freeMiB: Math.floor(free / BYTES_PER_MIB),
    memory: 'own',
  };
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
