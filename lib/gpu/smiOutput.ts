import type { Gpu } from './gpu.ts';

/** Columns that `nvidia-smi --query-gpu` is asked for, in this order, without header and units (MiB). */
export const QUERIED_FIELDS = 'index,name,memory.total,memory.free';

export type SmiOutput = { kind: 'gpus'; gpus: Gpu[] } | { kind: 'unreadable'; why: string };

/** Reads the CSV of `nvidia-smi`. A name may hold commas; a field such as "[N/A]" is null. */
export function parseSmiOutput(output: string): SmiOutput {
  const lines = output.split('\n').filter((line) => line.trim() !== '');
  if (lines.length === 0) return { kind: 'unreadable', why: 'nvidia-smi lists no GPU' };
  const gpus: Gpu[] = [];
  for (const line of lines) {
    const gpu = parseLine(line);
    if (gpu === undefined) {
      const shown = line.trim().slice(0, 200);
      return { kind: 'unreadable', why: `nvidia-smi said ${JSON.stringify(shown)}` };
    }
    gpus.push(gpu);
  }
  return { kind: 'gpus', gpus };
}

function parseLine(line: string): Gpu | undefined {
  const fields = line.split(',').map((field) => field.trim());
  const [first, ...rest] = fields;
  const index = mebibytes(first);
  if (index === null || rest.length < 3) return undefined;
  const name = rest.slice(0, -2).join(', ');
  return { index, name, totalMiB: mebibytes(rest.at(-2)), freeMiB: mebibytes(rest.at(-1)) };
}

function mebibytes(field: string | undefined): number | null {
  return field !== undefined && /^\d{1,9}$/.test(field) ? Number(field) : null;
}
