import type { Limits } from '../sandbox.ts';

/** Enough for a build of a small project, small enough that four at once fit into a laptop. */
export const DEFAULT_LIMITS: Limits = {
  wallMs: 120_000,
  cpuSeconds: 240,
  memoryMiB: 2048,
  processes: 256,
  outputBytes: 1024 * 1024,
  fileMiB: 256,
  scratchMiB: 512,
  workspaceMiB: 512,
};

export function limitsOf(asked: Partial<Limits> | undefined): Limits {
  return { ...DEFAULT_LIMITS, ...asked };
}

/**
 * The words of prlimit(1) in front of a command. DATA and not AS: virtual machines reserve address space that they never
 * touch. CPU has a soft limit that ends a process by SIGXCPU and a hard one that ends it by SIGKILL.
 */
export function prlimit(limits: Limits): string[] {
  const { memoryMiB, processes, fileMiB, cpuSeconds } = limits;
  return [
    '/usr/bin/prlimit',
    `--data=${memoryMiB * MIB}`,
    `--nproc=${processes}`,
    `--fsize=${fileMiB * MIB}`,
    `--cpu=${cpuSeconds}:${cpuSeconds + 2}`,
    '--nofile=4096',
    '--core=0',
    '--memlock=65536',
    '--msgqueue=0',
    '--rtprio=0',
    '--',
  ];
}

export const MIB = 1024 * 1024;
