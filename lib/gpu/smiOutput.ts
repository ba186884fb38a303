import type { Gpu } from './gpu.ts';

/** Columns that `nvidia-smi --query-gpu` is asked for, in this order, without header and units (MiB). */
export const QUERIED_FIELDS = 'index,uuid,name,memory.total,memory.free,mig.mode.current';

/** A GPU as nvidia-smi lists it. In MIG mode its own memory says nothing of what its slices have. */
export interface ListedGpu extends Gpu {
  mig: boolean;
}

export type SmiOutput = { kind: 'gpus'; gpus: ListedGpu[] } | { kind: 'unreadable'; why: string };

/** Memory of the machine, for the GPUs that share it. */
export interface MachineMemory {
  totalMiB: number;
  freeMiB: number;
}

/** Chips whose GPU has no memory of its own: Grace Blackwell desktops and the Jetson family. */
const UNIFIED = /\b(?:GB10|N1X?|Thor|Orin|Xavier|Tegra|Spark)\b/i;
const NOT_TOLD = /N\/A|Not Supported/i;

/** Reads the CSV of `nvidia-smi`. A name may hold commas; a field such as "[N/A]" is null. */
export function parseSmiOutput(output: string, machine: MachineMemory): SmiOutput {
  const lines = output.split('\n').filter((line) => line.trim() !== '');
  if (lines.length === 0) return { kind: 'unreadable', why: 'nvidia-smi lists no GPU' };
  const gpus: ListedGpu[] = [];
  for (const line of lines) {
    const gpu = parseLine(line, machine);
    if (gpu === undefined) {
      const shown = line.trim().slice(0, 200);
      return { kind: 'unreadable', why: `nvidia-smi said ${JSON.stringify(shown)}` };
    }
    gpus.push(gpu);
  }
  return { kind: 'gpus', gpus };
}

function parseLine(line: string, machine: MachineMemory): ListedGpu | undefined {
  const fields = line.split(',').map((field) => field.trim());
  const [first, id, ...rest] = fields;
  const index = mebibytes(first);
  if (index === null || id === undefined || rest.length < 4) return undefined;
  const [total, free, mig] = rest.slice(-3);
  const name = rest.slice(0, -3).join(', ');
  const known = { id, index, name, mig: /^Enabled$/i.test(mig ?? '') };
  // A card with memory of its own that does not tell is broken, and not unified.
  if (NOT_TOLD.test(total ?? '') && UNIFIED.test(name)) {
    return { ...known, ...machine, memory: 'unified' };
  }
  return { ...known, totalMiB: mebibytes(total), freeMiB: mebibytes(free), memory: 'own' };
}

function mebibytes(field: string | undefined): number | null {
  return field !== undefined && /^\d{1,9}$/.test(field) ? Number(field) : null;
}
