import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { generateRequest } from '../../support/generateRequest.ts';
import { isRunning } from '../../support/processes.ts';
import {
  openTinyModel,
  requireRuntime,
  type TinyModel,
  type TinyOptions,
} from '../../support/tinyModel.ts';

let runtime: string;
const opened: TinyModel[] = [];
beforeEach((ctx) => {
  runtime = requireRuntime(ctx);
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((model) => model.close()));
});

function open(options: TinyOptions = {}): TinyModel {
  const model = openTinyModel(runtime, options);
  opened.push(model);
  return model;
}

/** Endless: nothing bounds the body of the one file, and random weights do not end it. */
const ENDLESS = { bodyLimit: { lines: 4_000, columns: 400 } };

describe('a cancelled answer', () => {
  test('ends the process of the model before the call ends', async () => {
    const { provider } = open(ENDLESS);
    const controller = new AbortController();
    let pid: number | undefined;
    let cancelledAt = 0;
    const request = generateRequest({
      signal: controller.signal,
      onText: () => {
        pid ??= provider.pid;
        if (cancelledAt === 0) cancelledAt = performance.now();
        controller.abort(new Error('cancelled'));
      },
    });
    await expect(provider.generate(request)).rejects.toThrow('cancelled');
    expect(performance.now() - cancelledAt).toBeLessThan(1_000);
    expect(pid).toBeGreaterThan(0);
    expect(isRunning(pid)).toBe(false);
    expect((await provider.generate(generateRequest({ maxTokens: 20 }))).text).not.toBe('');
  });

  test('while the model is loaded gives the loading up', async () => {
    const { provider } = open();
    const controller = new AbortController();
    const answered = provider.generate(generateRequest({ signal: controller.signal }));
    await expect.poll(() => provider.pid).toBeGreaterThan(0);
    const { pid } = provider;
    controller.abort(new Error('cancelled'));
    await expect(answered).rejects.toThrow('cancelled');
    expect(isRunning(pid)).toBe(false);
  });

  test('among others stops alone: the others are answered by the same process', async () => {
    const { provider } = open({ slots: 2, ...ENDLESS });
    const controller = new AbortController();
    const other = provider.generate(generateRequest({ seed: 2, maxTokens: 400 }));
    const cancelled = provider.generate(
      generateRequest({
        signal: controller.signal,
        onText: () => controller.abort(new Error('no')),
      }),
    );
    await expect(cancelled).rejects.toThrow('no');
    const { pid } = provider;
    expect(isRunning(pid)).toBe(true);
    expect((await other).finish).toBe('length');
    expect(provider.pid).toBe(pid);
  });

  test('among others that a hanging model does not hear ends its process, and the others go on', async () => {
    const { provider } = open({ slots: 2, ...ENDLESS });
    const controller = new AbortController();
    let pid: number | undefined;
    const other = provider.generate(generateRequest({ seed: 2, maxTokens: 400 }));
    const cancelled = provider.generate(
      generateRequest({
        signal: controller.signal,
        onText: () => {
          if (pid !== undefined || provider.pid === undefined) return;
          pid = provider.pid;
          process.kill(pid, 'SIGSTOP');
          controller.abort(new Error('no'));
        },
      }),
    );
    await expect(cancelled).rejects.toThrow('no');
    expect(isRunning(pid)).toBe(false);
    // Cut where something was said already, and asked anew where not.
    expect(['disconnected', 'length']).toContain((await other).finish);
    expect((await provider.generate(generateRequest({ maxTokens: 5 }))).text).not.toBe('');
  });

  test('that had ended before is no longer there to be cancelled: the model stays, also for others', async () => {
    const { provider } = open({ slots: 2, ...ENDLESS });
    const controller = new AbortController();
    const { signal } = controller;
    await provider.generate(generateRequest({ signal, maxTokens: 10 }));
    const { pid } = provider;
    const other = provider.generate(
      generateRequest({ maxTokens: 200, onText: () => controller.abort(new Error('too late')) }),
    );
    expect((await other).finish).toBe('length');
    expect(provider.pid).toBe(pid);
    expect(isRunning(pid)).toBe(true);
  });

  test('that waits for a slot leaves the queue', async () => {
    const { provider } = open(ENDLESS);
    const controller = new AbortController();
    const first = provider.generate(generateRequest({ maxTokens: 100 }));
    const waiting = provider.generate(generateRequest({ signal: controller.signal }));
    const last = provider.generate(generateRequest({ maxTokens: 10 }));
    controller.abort(new Error('cancelled'));
    await expect(waiting).rejects.toThrow('cancelled');
    expect((await Promise.all([first, last])).map(({ finish }) => finish)).toEqual([
      'length',
      'length',
    ]);
  });
});
