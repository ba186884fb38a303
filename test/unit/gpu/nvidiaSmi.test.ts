import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createFixedProbe } from '../../../lib/gpu/adapters/fixed.ts';
import { createNvidiaSmiProbe } from '../../../lib/gpu/adapters/nvidiaSmi.ts';
import { parseSmiOutput } from '../../../lib/gpu/smiOutput.ts';

// Outputs in the form of the real tool, written by hand.
const ONE = '0, NVIDIA GeForce RTX 4090, 24564, 23012\n';
const TWO = '0, NVIDIA H100 80GB HBM3, 81559, 80994\n1, NVIDIA H100 80GB HBM3, 81559, 512\n';
const MIG = '0, NVIDIA A100-SXM4-80GB, 81920, [N/A]\n';
const UNIFIED = '0, NVIDIA GB10, [N/A], [N/A]\n';
const BROKEN =
  'NVIDIA-SMI has failed because it couldn’t communicate with the NVIDIA driver. Make sure that the latest NVIDIA driver is installed and running.\n';

describe('the output of nvidia-smi', () => {
  test('one GPU', () => {
    expect(parseSmiOutput(ONE)).toEqual({
      kind: 'gpus',
      gpus: [{ index: 0, name: 'NVIDIA GeForce RTX 4090', totalMiB: 24_564, freeMiB: 23_012 }],
    });
  });

  test('each of two GPUs is read by itself', () => {
    expect(parseSmiOutput(TWO)).toMatchObject({
      gpus: [
        { index: 0, freeMiB: 80_994 },
        { index: 1, freeMiB: 512 },
      ],
    });
  });

  test.each([
    [MIG, { totalMiB: 81_920, freeMiB: null }],
    [UNIFIED, { totalMiB: null, freeMiB: null }],
    ['0, X, [Insufficient Permissions], Not Supported\r\n', { totalMiB: null, freeMiB: null }],
    ['3, Quadro, old model, 8000, 7000', { index: 3, name: 'Quadro, old model', freeMiB: 7_000 }],
  ])('%j', (output, expected) => {
    expect(parseSmiOutput(output)).toMatchObject({ gpus: [expected] });
  });

  test.each(['', '\n', 'No devices were found\n', '<html>', '0, X\n', BROKEN])(
    '%j is unreadable, with a reason',
    (output) => {
      const read = parseSmiOutput(output);
      expect(read).toMatchObject({
        kind: 'unreadable',
        why: expect.stringContaining('nvidia-smi'),
      });
    },
  );
});

describe('the probe', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'smi-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  /** A tool that stands for nvidia-smi on a machine without a GPU. */
  function tool(name: string, script: string): string {
    const path = join(folder, name);
    writeFileSync(path, `#!/bin/sh\n${script}\n`);
    chmodSync(path, 0o755);
    return path;
  }

  test('asks for what it reads', async () => {
    const command = tool(
      'asks',
      `[ "$*" = "--query-gpu=index,name,memory.total,memory.free --format=csv,noheader,nounits" ] && printf '${ONE.trim()}\\n'`,
    );
    const reading = await createNvidiaSmiProbe({ command }).read();
    expect(reading).toMatchObject({ kind: 'gpus', gpus: [{ freeMiB: 23_012 }] });
    expect(reading.ramFreeMiB).toBeGreaterThan(0);
  });

  test('a machine without the tool has no GPU', async () => {
    const command = join(folder, 'nowhere');
    expect(await createNvidiaSmiProbe({ command }).read()).toMatchObject({
      kind: 'none',
      why: `${command} is not installed`,
    });
  });

  test('a driver that is not there is said so', async () => {
    const command = tool('broken', `echo "${BROKEN.trim()}"; exit 9`);
    expect(await createNvidiaSmiProbe({ command }).read()).toMatchObject({
      kind: 'none',
      why: expect.stringContaining('exited with 9: NVIDIA-SMI has failed'),
    });
  });

  test('a tool that hangs and cannot be told to stop is given up', async () => {
    const command = tool('hangs', "trap '' TERM; while :; do sleep 0.05; done");
    const started = performance.now();
    expect(await createNvidiaSmiProbe({ command, timeoutMs: 100 }).read()).toMatchObject({
      kind: 'none',
      why: `${command} hung for 100 ms`,
    });
    expect(performance.now() - started).toBeLessThan(5_000);
  });

  test('a reading that is cancelled says so', async () => {
    const command = tool('waits', 'exec sleep 60');
    const controller = new AbortController();
    const reading = createNvidiaSmiProbe({ command }).read(controller.signal);
    controller.abort();
    expect(await reading).toMatchObject({ kind: 'none', why: 'the reading was cancelled' });
  });

  test('a fixed probe says what it was told', async () => {
    const reading = { kind: 'none', why: 'by hand', ramFreeMiB: 1 } as const;
    expect(await createFixedProbe(reading).read()).toEqual(reading);
  });
});
