import { readFileSync } from 'node:fs';
import type { GpuReading } from '../../lib/gpu/gpu.ts';
import { parseSmiOutput } from '../../lib/gpu/smiOutput.ts';

/** What a GPU tool says on some machine; the folder's README tells where each comes from. */
export function gpuFixture(name: string): string {
  return readFileSync(new URL(`../fixtures/gpu/${name}`, import.meta.url), 'utf8');
}

/** The reading of a machine whose nvidia-smi prints that file. */
export function readingOf(name: string, ramFreeMiB = 16_384): GpuReading {
  const output = parseSmiOutput(gpuFixture(name), { totalMiB: 32_768, freeMiB: ramFreeMiB });
  if (output.kind !== 'gpus') throw new Error(`${name}: ${output.why}`);
  return { kind: 'gpus', gpus: output.gpus.map(({ mig: _, ...gpu }) => gpu), ramFreeMiB };
}
