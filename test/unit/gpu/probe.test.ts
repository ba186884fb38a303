import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { appleGpu } from '../../../lib/gpu/adapters/appleGpu.ts';
import { createFixedProbe } from '../../../lib/gpu/adapters/fixed.ts';
import { rocmSmi } from '../../../lib/gpu/adapters/rocmSmi.ts';
import type { Gpu, GpuReading, VramProbe } from '../../../lib/gpu/gpu.ts';
import { probeOf } from '../../../lib/gpu/probeOf.ts';
import { refreshed } from '../../../lib/gpu/refreshed.ts';
import { parseRocmOutput } from '../../../lib/gpu/rocmOutput.ts';
import { gpuFixture } from '../../support/gpuFixture.ts';

const GPU: Gpu = { id: 'g', index: 0, name: 'X', totalMiB: 8, freeMiB: 4, memory: 'own' };

describe('rocm-smi', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'rocm-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test('tells the cards of AMD, and nothing else that it lists', () => {
    expect(parseRocmOutput(gpuFixture('two-radeons.json'))).toEqual([
      {
        ...{ id: '0x8d3c1f2a7b6e5049', index: 0, name: 'Radeon RX 7900 XTX' },
        ...{ totalMiB: 24_560, freeMiB: 24_533, memory: 'own' },
      },
      {
        ...{ id: '0x51a4e0d9c7b82f36', index: 1, name: 'Radeon RX 7900 XTX' },
        ...{ totalMiB: 24_560, freeMiB: 5_104, memory: 'own' },
      },
    ]);
    expect(parseRocmOutput(gpuFixture('rembrandt.json'))).toMatchObject([
      { id: 'card0', name: 'Rembrandt [Radeon 680M]', totalMiB: 512, freeMiB: 52 },
    ]);
  });

  test.each([
    '',
    'null',
    '[]',
    '{}',
    '{"card0": {}}',
    '{"card0": {"VRAM Total Memory (B)": "-1"}}',
  ])('%j tells nothing', (text) => expect(parseRocmOutput(text)).toBeUndefined());

  test('is asked in JSON, and what it says otherwise is shown', async () => {
    const command = join(folder, 'rocm-smi');
    writeFileSync(`${command}.json`, gpuFixture('rembrandt.json'));
    writeFileSync(command, '#!/bin/sh\ncase "$*" in *--json) cat "$0.json" ;; esac\n');
    chmodSync(command, 0o755);
    expect(await rocmSmi({ command })()).toMatchObject({ kind: 'gpus', gpus: [{ freeMiB: 52 }] });
    writeFileSync(`${command}.json`, 'ERROR: no AMD GPU\n');
    expect(await rocmSmi({ command })()).toEqual({
      kind: 'failed',
      why: `${command} said "ERROR: no AMD GPU"`,
    });
  });
});

describe('Apple silicon', () => {
  const computer = { platform: 'darwin', architecture: 'arm64', chip: 'Apple M2 Pro' };
  const GIB = 1_073_741_824;

  test.each([
    [16, 12, 10_922, 10_922],
    [64, 10, 49_152, 10_240],
  ])(
    '%d GiB of memory with %d free: %d MiB for the GPU, %d free',
    async (total, free, all, usable) => {
      const reader = appleGpu(() => ({
        ...computer,
        totalBytes: total * GIB,
        freeBytes: free * GIB,
      }));
      expect(await reader()).toEqual({
        kind: 'gpus',
        gpus: [
          {
            ...{ id: 'apple', index: 0, name: 'Apple M2 Pro', totalMiB: all, freeMiB: usable },
            memory: 'unified',
          },
        ],
      });
    },
  );

  test('is not looked for elsewhere', async () => {
    const linux = { ...computer, platform: 'linux', totalBytes: GIB, freeBytes: GIB };
    expect(await appleGpu(() => linux)()).toMatchObject({ kind: 'missing' });
  });
});

describe('the probe of a machine', () => {
  const missing = async () => ({ kind: 'missing', why: 'a is not installed' }) as const;
  const failing = async () => ({ kind: 'failed', why: 'b hung' }) as const;
  const found = async () => ({ kind: 'gpus', gpus: [GPU] }) as const;

  test('takes the first tool that is there', async () => {
    const reading = await probeOf([missing, async () => ({ kind: 'gpus', gpus: [GPU] })]).read();
    expect(reading).toMatchObject({ kind: 'gpus', gpus: [GPU] });
    expect(reading.ramFreeMiB).toBeGreaterThan(0);
  });

  test('a tool that is there and fails is the answer', async () => {
    const probe = probeOf([missing, failing, async () => ({ kind: 'gpus', gpus: [GPU] })]);
    expect(await probe.read()).toMatchObject({ kind: 'none', why: 'b hung' });
    expect((await found()).gpus).toEqual([GPU]);
  });

  test('names all that is not there', async () => {
    const other = async () => ({ kind: 'missing', why: 'c is not installed' }) as const;
    expect(await probeOf([missing, other]).read()).toMatchObject({
      kind: 'none',
      why: 'a is not installed, c is not installed',
    });
  });

  test('a fixed probe says what it was told', async () => {
    const reading = { kind: 'none', why: 'by hand', ramFreeMiB: 1 } as const;
    expect(await createFixedProbe(reading).read()).toEqual(reading);
  });
});

describe('a refreshed probe', () => {
  /** Answers when it is told to. */
  function handProbe() {
    const waiting: PromiseWithResolvers<GpuReading>[] = [];
    const signals: (AbortSignal | undefined)[] = [];
    const probe: VramProbe = {
      read: (signal) => {
        const next = Promise.withResolvers<GpuReading>();
        waiting.push(next);
        signals.push(signal);
        return next.promise;
      },
    };
    const none = (ramFreeMiB: number): GpuReading => ({ kind: 'none', why: 'x', ramFreeMiB });
    return { probe, waiting, signals, answer: (at: number) => waiting[at]?.resolve(none(at)) };
  }

  test('answers at once with what was read last, while a new reading takes its time', async () => {
    const { probe, waiting, answer } = handProbe();
    const fresh = refreshed(probe, 1);
    const first = fresh.read();
    answer(0);
    expect(await first).toMatchObject({ ramFreeMiB: 0 });
    await expect.poll(() => waiting.length).toBe(2);
    expect(await fresh.read()).toMatchObject({ ramFreeMiB: 0 });
    answer(1);
    await expect.poll(async () => (await fresh.read()).ramFreeMiB).toBe(1);
    await expect.poll(() => waiting.length).toBe(3);
    answer(2);
    await fresh.close();
  });

  test('ends the reading that is under way when it is closed, and reads no more', async () => {
    const { probe, waiting, signals, answer } = handProbe();
    const fresh = refreshed(probe, 1);
    answer(0);
    await expect.poll(() => waiting.length).toBe(2);
    const closed = fresh.close();
    expect(signals[1]?.aborted).toBe(true);
    answer(1);
    await closed;
    expect(await fresh.read()).toMatchObject({ ramFreeMiB: 0 });
    expect(waiting.length).toBe(2);
  });
});
