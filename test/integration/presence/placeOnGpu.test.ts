import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createFixedProbe } from '../../../lib/gpu/adapters/fixed.ts';
import type { Gpu, GpuReading } from '../../../lib/gpu/gpu.ts';
import { systemClock } from '../../../lib/kernel/clock.ts';
import { acceleratorOf } from '../../../lib/llm/embedded/findRuntime.ts';
import { ModelCard } from '../../../lib/models/card.ts';
import { reasonsAgainst } from '../../../lib/models/eligible.ts';
import { createDynamoPresence } from '../../../lib/presence/adapters/dynamodb.ts';
import { leasedProbe } from '../../../lib/presence/leasedProbe.ts';
import type { Presence } from '../../../lib/presence/presence.ts';
import { readingOf } from '../../support/gpuFixture.ts';
import { type PlaceOptions, placesOn } from '../../support/leasedModel.ts';
import { createTestResources } from '../../support/testEdge.ts';

const TWO_GPUS = readingOf('two-gpus.csv');
const LARGE_3090 = 'GPU-c4b8d2a0-5b1e-4a57-8f39-3f6c1d0e7a03';
const FREE_3060 = 'GPU-e2f7c9d4-1c6a-4b0d-9e52-8a4b2c6d0f04';

let resources: Awaited<ReturnType<typeof createTestResources>>;
let presence: Presence;
const given: { giveBack(): Promise<void> }[] = [];
beforeEach(async () => {
  resources = await createTestResources();
  presence = createDynamoPresence({ ...resources, clock: systemClock });
});
afterEach(async () => {
  await Promise.all(given.splice(0).map((place) => place.giveBack()));
  presence.close();
  await resources.drop();
});

async function place(mib: number, options: Partial<PlaceOptions> = {}) {
  const findPlace = placesOn({ presence, reading: TWO_GPUS, ...options });
  const demand = { model: 'coder', sizes: [{ slots: 1, mib }] };
  const found = await findPlace(demand, new AbortController().signal);
  given.push(found);
  return found;
}

describe('a model on a machine with two GPUs', () => {
  test('goes to the one with more free memory, and its process sees no other', async () => {
    expect(await place(9_000, { accelerator: 'cuda' })).toMatchObject({
      gpu: 'cuda',
      env: { CUDA_VISIBLE_DEVICES: FREE_3060 },
    });
    expect(await presence.gpuLeases('host-1', FREE_3060)).toHaveLength(1);
    expect(await presence.gpuLeases('host-1', LARGE_3090)).toEqual([]);
  });

  test('goes to the other when a second worker has that one, and nowhere when both are full', async () => {
    await place(11_000, { holder: 'worker-2' });
    await place(1_500);
    expect(await presence.gpuLeases('host-1', LARGE_3090)).toMatchObject([{ mib: 1_500 }]);
    await expect(place(1_500)).rejects.toThrow(
      `coder cannot be loaded: coder needs 1500 MiB of GPU ${FREE_3060} and 911 MiB are left; ` +
        `it holds coder 11000 MiB for worker-2; ` +
        `coder needs 1500 MiB of GPU ${LARGE_3090} and 370 MiB are left; it holds coder 1500 MiB for worker-1`,
    );
  });

  test('runs on the processor where only Vulkan is there, which numbers GPUs its own way', async () => {
    const warnings: string[] = [];
    const onError = (error: unknown) => warnings.push(String(error));
    const found = await place(1_000, { accelerator: 'vulkan', onError });
    expect(found.gpu).toBe(false);
    expect(warnings).toEqual([expect.stringMatching(/CUDA is needed/)]);
    expect(await presence.gpuLeases('host-1', FREE_3060)).toEqual([]);
  });
});

test('a MIG instance is told to CUDA by the name that NVIDIA gives it', async () => {
  const [gpu] = TWO_GPUS.kind === 'gpus' ? TWO_GPUS.gpus : [];
  const slice: Gpu = {
    ...{ name: 'A100, MIG 0', index: 0, ...gpu },
    ...{ id: 'GPU-1/2/0', totalMiB: 40_192, freeMiB: 40_000, memory: 'slice' },
  };
  const reading: GpuReading = { kind: 'gpus', gpus: [slice], ramFreeMiB: 1 };
  const { env } = await place(9_000, { accelerator: 'cuda', reading });
  expect(env).toEqual({ CUDA_VISIBLE_DEVICES: 'MIG-GPU-1/2/0' });
});

test('a GPU that does not tell what is free is not filled blindly', async () => {
  await expect(place(10, { reading: readingOf('broken.csv') })).rejects.toThrow(
    /coder cannot be loaded: GPU GPU-3a5c\S+ does not tell what is free/,
  );
});

describe('the reading that tasks are judged by', () => {
  const options = { host: 'host-1', onError: (error: unknown) => expect.fail(String(error)) };
  const demand = { promptTokens: 0, answerTokens: 1 };
  const site = { policy: { licences: undefined, allowCloud: false } };
  const CARD = ModelCard.parse({
    ...{ id: 'mine', provider: 'embedded', family: 'llama', context_tokens: 8_192 },
    ...{ licence: 'MIT', preference: 1, llm: true, file_bytes: 8_000_000_000 },
    dimensions: {
      ...{ vocabulary: 32_000, embedding: 4_096 },
      attention: { kind: 'full', layers: 32, kv_heads: 8, head_dim: 128 },
    },
  });

  test('has no memory that another worker has leased, and the refusal says who has it', async () => {
    const probe = leasedProbe(createFixedProbe(TWO_GPUS), { ...options, presence });
    expect(reasonsAgainst(CARD, demand, { ...site, gpu: await probe.read() })).toEqual([]);
    await place(5_000, { holder: 'worker-2' });
    expect(reasonsAgainst(CARD, demand, { ...site, gpu: await probe.read() })).toEqual([
      'it needs 9.5 GiB at 8192 tokens of context and GPU 1 (NVIDIA GeForce RTX 3060) ' +
        'has 6.7 GiB free (leased: coder 5000 MiB for worker-2)',
    ]);
  });

  test('is the bare one while the table is away', async () => {
    const errors: unknown[] = [];
    const gpuRoom = () => Promise.reject(new Error('away'));
    const probe = leasedProbe(createFixedProbe(TWO_GPUS), {
      ...{ host: 'host-1', presence: { ...presence, gpuRoom } },
      onError: (error) => errors.push(error),
    });
    expect(await probe.read()).toEqual(TWO_GPUS);
    expect(errors).toHaveLength(1);
  });
});

test('what the runtime can compute with is told by the binaries beside it, CUDA before Vulkan', () => {
  const layer = mkdtempSync(join(tmpdir(), 'agent-runtime-'));
  const runtime = join(layer, 'node_modules/node-llama-cpp/dist/index.js');
  const have = (name: string) =>
    mkdirSync(join(layer, 'node_modules/@node-llama-cpp', name), { recursive: true });
  expect(acceleratorOf(runtime)).toBeUndefined();
  have('linux-x64');
  expect(acceleratorOf(runtime)).toBeUndefined();
  have('linux-x64-vulkan');
  expect(acceleratorOf(runtime)).toBe('vulkan');
  have('linux-x64-cuda');
  expect(acceleratorOf(runtime)).toBe('cuda');
  rmSync(layer, { recursive: true });
});
