import { cpus, freemem, totalmem } from 'node:os';
import type { ToolReader } from '../probeOf.ts';

export interface Computer {
  platform: string;
  architecture: string;
  chip: string;
  totalBytes: number;
  freeBytes: number;
}

const BYTES_PER_MIB = 1_048_576;
const LARGE_MIB = 36 * 1_024;

/** The GPU of Apple silicon: it works in the machine's memory, and no tool has to be asked. */
export function appleGpu(computer: () => Computer = thisComputer): ToolReader {
  return async () => {
    const { platform, architecture, chip, totalBytes, freeBytes } = computer();
    if (platform !== 'darwin' || architecture !== 'arm64') {
      return { kind: 'missing', why: 'this is no Apple silicon' };
    }
    const totalMiB = usableMiB(totalBytes / BYTES_PER_MIB);
    const freeMiB = Math.min(totalMiB, Math.floor(freeBytes / BYTES_PER_MIB));
    const gpu = {
      id: 'apple',
      index: 0,
      name: chip,
      totalMiB,
      freeMiB,
      memory: 'unified',
    } as const;
    return { kind: 'gpus', gpus: [gpu] };
  };
}

/** What Metal lets one program have (`recommendedMaxWorkingSetSize`): two thirds, on large machines three quarters. */
function usableMiB(memoryMiB: number): number {
  return Math.floor(memoryMiB > LARGE_MIB ? (memoryMiB * 3) / 4 : (memoryMiB * 2) / 3);
}

function thisComputer(): Computer {
  return {
    platform: process.platform,
    architecture: process.arch,
    chip: cpus()[0]?.model ?? 'Apple silicon',
    totalBytes: totalmem(),
    freeBytes: freemem(),
  };
}
