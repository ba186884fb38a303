import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { nvidiaSmi } from '../../../lib/gpu/adapters/nvidiaSmi.ts';
import { parseSmiOutput } from '../../../lib/gpu/smiOutput.ts';
import { gpuFixture } from '../../support/gpuFixture.ts';

const MACHINE = { totalMiB: 122_000, freeMiB: 90_000 };
const parse = (output: string) => parseSmiOutput(output, MACHINE);

describe('the output of nvidia-smi', () => {
  test('one GPU', () => {
    expect(parse(gpuFixture('rtx-4090-24gb.csv'))).toEqual({
      kind: 'gpus',
      gpus: [
        {
          id: 'GPU-7b0c1f6e-8a44-4d0e-a2f7-0f6f6f8a1c02',
          index: 0,
          name: 'NVIDIA GeForce RTX 4090',
          totalMiB: 24_564,
          freeMiB: 24_105,
          memory: 'own',
          mig: false,
        },
      ],
    });
  });

  test('each of two GPUs is read by itself', () => {
    expect(parse(gpuFixture('two-gpus.csv'))).toMatchObject({
      gpus: [
        { index: 0, freeMiB: 1_870 },
        { index: 1, freeMiB: 11_911 },
      ],
    });
  });

  test('a GPU that shares the memory of the machine has what the machine has', () => {
    expect(parse(gpuFixture('gb10-unified.csv'))).toMatchObject({
      gpus: [{ totalMiB: 122_000, freeMiB: 90_000, memory: 'unified' }],
    });
  });

  test('a card with memory of its own that does not tell it is not taken for a unified one', () => {
    expect(parse(gpuFixture('broken.csv'))).toMatchObject({
      gpus: [{ totalMiB: null, freeMiB: null, memory: 'own' }],
    });
  });

  test.each([
    ['0, U, X, [Insufficient Permissions], Not Supported, [N/A]\r\n', { freeMiB: null }],
    [
      '3, U, Quadro, old model, 8000, 7000, Disabled',
      { index: 3, name: 'Quadro, old model', freeMiB: 7_000 },
    ],
    ['0, U, A100, 81920, 80000, Enabled', { mig: true }],
  ])('%j', (output, expected) => {
    expect(parse(output)).toMatchObject({ gpus: [expected] });
  });

  test.each(['', '\n', gpuFixture('none.csv'), '<html>', '0, X\n', gpuFixture('driver-away.txt')])(
    '%j is unreadable, with a reason',
    (output) => {
      expect(parse(output)).toMatchObject({
        kind: 'unreadable',
        why: expect.stringMatching(/nvidia-smi/i),
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

  /** Prints one fixture for the question for the list, and another one for all details. */
  function smi(name: string, csv: string, xml: string): string {
    writeFileSync(join(folder, `${name}.csv`), gpuFixture(csv));
    writeFileSync(join(folder, `${name}.xml`), xml);
    return tool(name, `case "$1" in -q) cat "$0.xml" ;; *) cat "$0.csv" ;; esac`);
  }

  test('asks for what it reads', async () => {
    const query =
      '--query-gpu=index,uuid,name,memory.total,memory.free,mig.mode.current --format=csv,noheader,nounits';
    const line = gpuFixture('rtx-4090-24gb.csv').trim();
    const command = tool('asks', `[ "$*" = "${query}" ] && echo '${line}'`);
    const reading = await nvidiaSmi({ command })();
    expect(reading).toMatchObject({ kind: 'gpus', gpus: [{ freeMiB: 24_105, memory: 'own' }] });
    expect(JSON.stringify(reading)).not.toContain('mig');
  });

  test('lists the slices of a GPU in MIG mode in its place, each with its own memory', async () => {
    const command = smi('mig', 'a100-mig.csv', gpuFixture('a100-mig.xml'));
    const id = 'GPU-feba7e40-d724-01ff-b00f-3a439a28a6c7';
    expect(await nvidiaSmi({ command })()).toEqual({
      kind: 'gpus',
      gpus: [
        {
          ...{ id: `${id}/1/0`, index: 0, name: 'NVIDIA A100-SXM4-80GB, MIG 0' },
          ...{ totalMiB: 40_192, freeMiB: 39_894, memory: 'slice' },
        },
        {
          ...{ id: `${id}/2/0`, index: 0, name: 'NVIDIA A100-SXM4-80GB, MIG 1' },
          ...{ totalMiB: 40_192, freeMiB: 2_192, memory: 'slice' },
        },
        {
          ...{ id: 'GPU-61a65011-6571-a6d2-5ab8-66cbb6f7f9c3', index: 1 },
          ...{ name: 'NVIDIA A100-SXM4-80GB', totalMiB: 81_920, freeMiB: 81_000, memory: 'own' },
        },
      ],
    });
  });

  test('a GPU in MIG mode without a slice cannot be used', async () => {
    const alone = gpuFixture('a100-mig.csv').split('\n')[0] ?? '';
    const command = smi('bare', 'a100-mig.csv', gpuFixture('mig-without-instances.xml'));
    writeFileSync(`${command}.csv`, alone);
    expect(await nvidiaSmi({ command })()).toEqual({
      kind: 'failed',
      why: 'MIG is on and no instance of it was made',
    });
  });

  test.each(['', 'no XML at all <', '<nvidia_smi_log><gpu>'])(
    'where the slices cannot be read (%j), what is free is not known',
    async (xml) => {
      const command = smi('dark', 'a100-mig.csv', xml);
      expect(await nvidiaSmi({ command })()).toMatchObject({
        gpus: [
          { index: 0, totalMiB: 81_920, freeMiB: null },
          { index: 1, freeMiB: 81_000 },
        ],
      });
    },
  );

  test('a machine without the tool may have another one', async () => {
    const command = join(folder, 'nowhere');
    expect(await nvidiaSmi({ command })()).toEqual({
      kind: 'missing',
      why: `${command} is not installed`,
    });
  });

  test('a driver that is not there is said so', async () => {
    writeFileSync(join(folder, 'broken.txt'), gpuFixture('driver-away.txt'));
    const command = tool('broken', 'cat "$0.txt"; exit 9');
    expect(await nvidiaSmi({ command })()).toEqual({
      kind: 'failed',
      why: expect.stringContaining('exited with 9: NVIDIA-SMI has failed'),
    });
  });

  test('a tool that hangs and cannot be told to stop is killed, and given up', async () => {
    const command = tool('hangs', `echo $$ > "$0.pid"; trap '' TERM; while :; do sleep 0.05; done`);
    const started = performance.now();
    expect(await nvidiaSmi({ command, timeoutMs: 300 })()).toEqual({
      kind: 'failed',
      why: `${command} hung for 300 ms`,
    });
    expect(performance.now() - started).toBeLessThan(5_000);
    const pid = Number(readFileSync(`${command}.pid`, 'utf8'));
    await expect.poll(() => isAlive(pid), { timeout: 5_000 }).toBe(false);
  });

  test('a reading that is cancelled says so', async () => {
    const command = tool('waits', 'exec sleep 60');
    const controller = new AbortController();
    const reading = nvidiaSmi({ command })(controller.signal);
    controller.abort();
    expect(await reading).toMatchObject({ kind: 'failed', why: 'the reading was cancelled' });
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
