import { hostname } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../../lib/kernel/clock.ts';
import { createDynamoPresence } from '../../lib/presence/adapters/dynamodb.ts';
import { runAgentctl } from '../../scripts/agentctl/agentctl.ts';
import { createHost } from '../support/agentctlHost.ts';
import { type House, openHouse, type WorkerProcess } from '../support/house.ts';
import { createTestResources } from '../support/testEdge.ts';

const ROOT = join(import.meta.dirname, '../..');

/** A worker of its own for each recording, which a stand-in for NVIDIA's tool replays to it. */
let house: House;
let worker: WorkerProcess | undefined;
let resources: Awaited<ReturnType<typeof createTestResources>>;
beforeAll(async () => {
  resources = await createTestResources();
  house = await openHouse({ LOG_LEVEL: 'error', PRESENCE_TABLE: resources.tableName });
});
afterEach(async () => {
  await worker?.kill('SIGTERM');
});
afterAll(async () => {
  await house.close();
  await resources.drop();
});

async function agentctl(argv: readonly string[]): Promise<string> {
  const environment = { AGENTCTL_URL: house.url, AGENTCTL_API_KEY: 'test-key' };
  const { host, out } = createHost({ environment });
  expect(await runAgentctl(argv, host)).toBe(0);
  return out();
}

/** Ids of the language models that would run there, and the table with all the others. */
async function modelsOn(recording: string): Promise<{ fits: string[]; table: string }> {
  const GPU_RECORDING =
    recording === 'hang' ? recording : join(ROOT, 'test/fixtures/gpu', recording);
  const PATH = [join(ROOT, 'examples/gpus'), process.env['PATH']].join(delimiter);
  worker = house.startWorker({ GPU_RECORDING, PATH });
  const alive = async () => JSON.parse(await agentctl(['models', '--json'])).workers_alive;
  await expect.poll(alive, { timeout: 30_000, interval: 200 }).toBe(1);
  const listed = JSON.parse(await agentctl(['models', '--fits', '--json'])).data;
  const fits = listed.flatMap(({ id, llm }: { id: string; llm: boolean }) => (llm ? [id] : []));
  return { fits: fits.toSorted(), table: await agentctl(['models']) };
}

const UP_TO_8_GB = ['qwen2.5-coder-1.5b', 'qwen2.5-coder-7b', 'qwen3.5-9b', 'seed-coder-8b'];
const UP_TO_12_GB = [...UP_TO_8_GB, 'qwen2.5-coder-14b'];
const UP_TO_24_GB = [
  ...UP_TO_12_GB,
  ...['devstral-small-2', 'glm-4.7-flash', 'gpt-oss-20b', 'qwen2.5-coder-32b'],
  ...['qwen3-coder-30b-a3b', 'qwen3.6-35b-a3b', 'qwen3.8-27b'],
];

describe('agentctl models --fits', () => {
  test.each([
    ['rtx-3060-ti-8gb.csv', UP_TO_8_GB, 'GPU 0 (NVIDIA GeForce RTX 3060 Ti) has 7.2 GiB free'],
    ['rtx-4090-24gb.csv', UP_TO_24_GB, 'GPU 0 (NVIDIA GeForce RTX 4090) has 23.5 GiB free'],
    // The larger one is full: a model is not spread over both.
    ['two-gpus.csv', UP_TO_12_GB, 'GPU 1 (NVIDIA GeForce RTX 3060) has 11.6 GiB free'],
  ])('with the recording %s', async (recording, fits, why) => {
    const found = await modelsOn(recording);
    expect(found.fits).toEqual(fits.toSorted());
    expect(found.table).toContain(why);
  });

  test('with a GPU that is cut into instances and one that is not: the best place counts', async () => {
    const { fits, table } = await modelsOn('a100-mig.csv');
    expect(fits).toHaveLength(14);
    expect(fits).toContain('gpt-oss-120b');
    expect(table).not.toContain('MIG');
  });

  test('with a GPU that does not tell its memory nothing is loaded blindly', async () => {
    const { fits, table } = await modelsOn('broken.csv');
    expect(fits).toEqual([]);
    expect(table).toContain('the GPU does not tell what is free');
  });

  test('with memory that GPU and machine share it is the memory of the machine', async () => {
    const { table } = await modelsOn('gb10-unified.csv');
    expect(table).toContain('GPU 0 (NVIDIA GB10) has ');
  });

  test('with a GPU of which another worker of the machine has leased the most: what is left, and who has it', async () => {
    const presence = createDynamoPresence({ ...resources, clock: systemClock });
    const id = 'GPU-7b0c1f6e-8a44-4d0e-a2f7-0f6f6f8a1c02';
    const gpu = { host: hostname(), id, totalMiB: 24_564, freeMiB: 24_105 };
    await presence.takeGpu({ gpu, holder: 'other-1', model: 'coder', mib: 20_000 }, 120_000);
    presence.close();
    const { fits, table } = await modelsOn('rtx-4090-24gb.csv');
    expect(fits).toEqual(['qwen2.5-coder-1.5b']);
    expect(table).toContain('has 4.0 GiB free (leased: coder 20000 MiB for other-1)');
  });

  test('with a tool that hangs a worker starts all the same, as one without a GPU', async () => {
    const { table } = await modelsOn('hang');
    expect(table).toContain('this machine, which has no GPU, has ');
  });
});
