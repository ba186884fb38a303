import { describe, expect, it } from 'vitest';
import { packagesFor, sizeLine } from '../../../scripts/agentctl/runtime/binaries.ts';
import { chooseAccelerator } from '../../../scripts/agentctl/runtime/chooseAccelerator.ts';
import { readingOf } from '../../support/gpuFixture.ts';

const NVIDIA = readingOf('rtx-4090-24gb.csv');
const NONE = { kind: 'none', why: 'nvidia-smi is not installed', ramFreeMiB: 1 } as const;
const AMD = {
  kind: 'gpus',
  ramFreeMiB: 1,
  gpus: [{ id: '0x1', index: 0, name: 'Radeon', totalMiB: 24_000, freeMiB: 24_000, memory: 'own' }],
} as const;
const amd = () => ({ ...AMD, gpus: AMD.gpus.map((gpu) => ({ ...gpu })) });

describe('the runtime for a GPU', () => {
  it.each([
    ['auto', NVIDIA, 'cuda', 'for NVIDIA GeForce RTX 4090: cuda'],
    ['auto', amd(), 'vulkan', 'for Radeon: vulkan'],
    ['auto', NONE, undefined, 'for the processor; no GPU was found (nvidia-smi is not installed)'],
    ['none', NVIDIA, undefined, 'for the processor; to use NVIDIA GeForce RTX 4090: --gpu cuda'],
    ['vulkan', NVIDIA, 'vulkan', 'for NVIDIA GeForce RTX 4090: vulkan'],
    ['cuda', NVIDIA, 'cuda', 'for NVIDIA GeForce RTX 4090: cuda'],
  ] as const)('%s', (choice, reading, accelerator, note) => {
    expect(chooseAccelerator(choice, reading, 'linux')).toEqual({ accelerator, note });
  });

  it.each([
    ['cuda', NONE, 'no GPU was found (nvidia-smi is not installed)'],
    ['vulkan', NONE, 'no GPU was found (nvidia-smi is not installed)'],
    ['cuda', amd(), 'there is Radeon'],
  ] as const)('%s is not fetched for nothing', (choice, reading, why) => {
    expect(() => chooseAccelerator(choice, reading, 'linux')).toThrow(
      expect.objectContaining({ why: [why] }),
    );
  });

  it('is in the runtime itself on a Mac', () => {
    expect(chooseAccelerator('auto', NONE, 'darwin').accelerator).toBeUndefined();
    expect(packagesFor('darwin-arm64', undefined)).toEqual(['@node-llama-cpp/mac-arm64-metal']);
  });

  it('has packages of its own, and their size is said before', () => {
    expect(packagesFor('win32-x64', 'cuda')).toEqual([
      '@node-llama-cpp/win-x64',
      '@node-llama-cpp/win-x64-cuda',
      '@node-llama-cpp/win-x64-cuda-ext',
    ]);
    expect(sizeLine('cuda')).toBe(
      'the runtime itself: 83 MB on disk; for cuda 320 MB more are fetched and 540 MB more of disk used',
    );
    expect(() => packagesFor('linux-arm64', 'cuda')).toThrow('not built for linux-arm64');
    expect(() => packagesFor('sunos-x64', undefined)).toThrow('not built for sunos-x64');
  });
});
