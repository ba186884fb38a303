import { freemem, totalmem } from 'node:os';
import type { Gpu } from '../gpu.ts';
import { parseMigOutput } from '../migOutput.ts';
import type { ToolReader, ToolReading } from '../probeOf.ts';
import { runTool } from '../runTool.ts';
import { type ListedGpu, parseSmiOutput, QUERIED_FIELDS } from '../smiOutput.ts';

export interface NvidiaSmiOptions {
  /** The tool to run; found on the PATH when it is a bare name. */
  command?: string;
  timeoutMs?: number;
}

const ARGUMENTS = [`--query-gpu=${QUERIED_FIELDS}`, '--format=csv,noheader,nounits'];
const BYTES_PER_MIB = 1_048_576;

/** Asks NVIDIA's own tool. Every reading runs it anew, which takes tens of milliseconds, seconds on a cold driver. */
export function nvidiaSmi({
  command = 'nvidia-smi',
  timeoutMs = 5_000,
}: NvidiaSmiOptions = {}): ToolReader {
  return async (signal) => {
    const asked = await runTool({ command, args: ARGUMENTS, timeoutMs }, signal);
    if (asked.kind !== 'output') return asked;
    const listed = parseSmiOutput(asked.output, machineMemory());
    if (listed.kind === 'unreadable') return { kind: 'failed', why: listed.why };
    if (!listed.gpus.some(({ mig }) => mig)) return gpus(listed.gpus.map(withoutMode));
    const detailed = await runTool({ command, args: ['-q', '-x'], timeoutMs }, signal);
    return withSlices(listed.gpus, detailed.kind === 'output' ? detailed.output : '');
  };
}

/** Slices take the place of the GPU they are cut from: nothing can run on the whole of it. */
function withSlices(listed: readonly ListedGpu[], xml: string): ToolReading {
  const slices = parseMigOutput(xml);
  const found = listed.flatMap((gpu): Gpu[] => {
    if (!gpu.mig) return [withoutMode(gpu)];
    if (slices === undefined) return [{ ...withoutMode(gpu), freeMiB: null }];
    return slices
      .filter(({ gpuId }) => gpuId === gpu.id)
      .map(({ index, gpuInstance, computeInstance, totalMiB, freeMiB }) => ({
        id: `${gpu.id}/${gpuInstance}/${computeInstance}`,
        index: gpu.index,
        name: `${gpu.name}, MIG ${index}`,
        totalMiB,
        freeMiB,
        memory: 'slice',
      }));
  });
  if (found.length > 0) return gpus(found);
  return { kind: 'failed', why: 'MIG is on and no instance of it was made' };
}

function withoutMode({ mig: _, ...gpu }: ListedGpu): Gpu {
  return gpu;
}

function gpus(found: Gpu[]): ToolReading {
  return { kind: 'gpus', gpus: found };
}

function machineMemory() {
  return {
    totalMiB: Math.floor(totalmem() / BYTES_PER_MIB),
    freeMiB: Math.floor(freemem() / BYTES_PER_MIB),
  };
}
