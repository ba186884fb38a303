import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../../lib/kernel/clock.ts';
import { createDynamoPresence } from '../../../lib/presence/adapters/dynamodb.ts';
import type { Presence } from '../../../lib/presence/presence.ts';
import { generateRequest } from '../../support/generateRequest.ts';
import { readingOf } from '../../support/gpuFixture.ts';
import { type PlaceOptions, placesOn } from '../../support/leasedModel.ts';
import { isRunning } from '../../support/processes.ts';
import { createTestResources } from '../../support/testEdge.ts';
import {
  openTinyModel,
  requireRuntime,
  type TinyModel,
  type TinyOptions,
} from '../../support/tinyModel.ts';

/** A recorded GPU, real leases and a real model. */
const READING = readingOf('rtx-4090-24gb.csv');
const [GPU] = READING.kind === 'gpus' ? READING.gpus : [];
const LARGE = [{ slots: 1, mib: 20_000 }];
const ENDLESS = { bodyLimit: { lines: 4_000, columns: 400 } };

let runtime: string;
let resources: Awaited<ReturnType<typeof createTestResources>>;
let presence: Presence;
const opened: TinyModel[] = [];
beforeEach(async (ctx) => {
  runtime = requireRuntime(ctx);
  resources = await createTestResources();
  presence = createDynamoPresence({ ...resources, clock: systemClock });
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((model) => model.close()));
  presence.close();
  await resources.drop();
});

function open(options: TinyOptions = {}, place: Partial<PlaceOptions> = {}) {
  const findPlace = placesOn({ presence, reading: READING, ...place });
  const model = openTinyModel(runtime, { sizes: LARGE, findPlace, ...options });
  opened.push(model);
  return model.provider;
}

const leases = () => presence.gpuLeases('host-1', GPU?.id ?? '');
const short = (given = {}) => generateRequest({ maxTokens: 5, ...given });

describe('a model that is loaded on a GPU', () => {
  test('has its memory leased as long as it is loaded, and given back once it is unloaded', async () => {
    const provider = open({ idleUnloadMs: 300 });
    await provider.generate(short({ onText: () => undefined }));
    expect(await leases()).toMatchObject([{ holder: 'worker-1', model: 'tiny', mib: 20_000 }]);
    // It lies in memory, which the next reading shows: what is free then is not taken off a second time.
    const after = { host: 'host-1', id: GPU?.id ?? '', totalMiB: 24_564, freeMiB: 4_000 };
    await expect.poll(async () => (await presence.gpuRoom(after)).roomMiB).toBe(4_000);
    await expect.poll(() => provider.pid, { timeout: 10_000 }).toBeUndefined();
    await expect.poll(leases, { timeout: 10_000 }).toEqual([]);
  });

  test('gives it back when its answer is cancelled, and takes it again for the next', async () => {
    const provider = open(ENDLESS);
    const controller = new AbortController();
    const { signal } = controller;
    const onText = () => controller.abort(new Error('cancelled'));
    await expect(provider.generate(generateRequest({ signal, onText }))).rejects.toThrow();
    await provider.generate(short());
    expect(await leases()).toMatchObject([{ fence: 2, mib: 20_000 }]);
  });

  test('does not stand in its own way: what it had is given back before more is asked for', async () => {
    const { promise: answered, resolve: answer } = Promise.withResolvers<void>();
    let taken = 0;
    const slow: Presence = {
      ...presence,
      takeGpu: (...asked) => {
        taken += 1;
        return presence.takeGpu(...asked);
      },
      returnGpu: async (lease) => {
        await answered;
        await presence.returnGpu(lease);
      },
    };
    const provider = open(ENDLESS, { presence: slow });
    const controller = new AbortController();
    const { signal } = controller;
    const onText = () => controller.abort(new Error('cancelled'));
    await expect(provider.generate(generateRequest({ signal, onText }))).rejects.toThrow();
    const next = provider.generate(short());
    expect(await leases()).toMatchObject([{ fence: 1 }]);
    expect(taken).toBe(1);
    answer();
    expect((await next).text).not.toBe('');
    expect(taken).toBe(2);
  });

  test('is not loaded while another worker holds the memory, and says who', async () => {
    const other = open({}, { holder: 'worker-2' });
    await other.generate(short());
    const provider = open();
    const refused = await provider.generate(short()).catch((error: unknown) => error);
    expect(refused).toMatchObject({ name: 'ModelError' });
    expect(String(refused)).toMatch(
      /tiny cannot be loaded: tiny needs 20000 MiB of GPU \S+ and \d+ MiB are left; it holds tiny 20000 MiB for worker-2/,
    );
    expect(provider.pid).toBeUndefined();
    await other.close();
    await provider.generate(short());
    expect(await leases()).toMatchObject([{ holder: 'worker-1' }]);
  });

  test('makes fewer answers at once where there is no room for more', async () => {
    const sizes = [
      { slots: 2, mib: 30_000 },
      { slots: 1, mib: 20_000 },
    ];
    const provider = open({ sizes });
    const answers = await Promise.all([provider.generate(short()), provider.generate(short())]);
    expect(answers.map(({ text }) => text)).not.toContain('');
    expect(await leases()).toMatchObject([{ mib: 20_000 }]);
  });

  test('is ended when its lease is lost, and leased anew for the next question', async () => {
    const provider = open(ENDLESS, { ttlMs: 300 });
    let pid: number | undefined;
    const answered = provider.generate(
      generateRequest({
        maxTokens: 100_000,
        onText: () => {
          if (pid !== undefined) return;
          pid = provider.pid;
          void leases().then((held) => Promise.all(held.map((lease) => presence.returnGpu(lease))));
        },
      }),
    );
    expect((await answered).finish).toBe('disconnected');
    expect(isRunning(pid)).toBe(false);
    await provider.generate(short());
    expect(await leases()).toMatchObject([{ fence: 2 }]);
  });

  test('needs no lease where no tool tells of a GPU', async () => {
    const reading = {
      kind: 'none',
      why: 'nvidia-smi is not installed',
      ramFreeMiB: 9_000,
    } as const;
    const provider = open({}, { reading });
    await provider.generate(short());
    expect(await leases()).toEqual([]);
  });
});

test('ten workers that load a model on one GPU at once: as many as fit, and the others are told why', async () => {
  const sizes = [{ slots: 1, mib: 9_000 }];
  const workers = Array.from({ length: 10 }, (_, at) =>
    open({ sizes }, { holder: `worker-${at}` }),
  );
  const answers = await Promise.allSettled(workers.map((provider) => provider.generate(short())));
  expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(2);
  expect(workers.filter(({ pid }) => pid !== undefined)).toHaveLength(2);
  expect(await leases()).toHaveLength(2);
});

test('a worker that is killed with a model loaded leaves no process, and its memory when the lease is over', async () => {
  const ttlMs = 1_500;
  const child = startHolder(ttlMs);
  const [said] = await once(child.stdout ?? child, 'data');
  const pid = Number(String(said));
  expect(isRunning(pid)).toBe(true);
  const dead = once(child, 'exit');
  child.kill('SIGKILL');
  await dead;
  await expect.poll(() => isRunning(pid), { timeout: 10_000 }).toBe(false);
  const provider = open();
  const load = () =>
    provider.generate(short()).then(
      () => 'loaded',
      () => 'full',
    );
  await expect.poll(load, { timeout: 20_000 }).toBe('loaded');
});

function startHolder(ttlMs: number): ChildProcess {
  const { endpoint, region, tableName } = resources;
  const script = join(import.meta.dirname, '../../support/leasedModelChild.ts');
  const args = [script, runtime, endpoint, region, tableName, String(ttlMs)];
  return spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
}
