import { describe, expect, test } from 'vitest';
import type { EpochMs } from '../../../lib/kernel/clock.ts';
import type { ModelProvider } from '../../../lib/llm/llm.ts';
import type { MeasuredSpeed, Presence } from '../../../lib/presence/presence.ts';
import { Speeds } from '../../../lib/worker/speeds.ts';
import { generateRequest } from '../../support/generateRequest.ts';

type Kept = Pick<Presence, 'keepSpeed' | 'speedsOf'>;

function speedsOver(kept: Kept, errors: unknown[] = []): Speeds {
  return new Speeds({
    presence: kept as Presence,
    host: 'host-1',
    clock: { now: () => 7 as EpochMs },
    onError: (error) => errors.push(error),
  });
}

function memory(before: Record<string, MeasuredSpeed> = {}) {
  const written: [string, string, MeasuredSpeed][] = [];
  const kept: Kept = {
    keepSpeed: async (host, model, speed) => void written.push([host, model, speed]),
    speedsOf: async () => before,
  };
  return { kept, written };
}

function provider(generatedTokens: number, llm = true): ModelProvider {
  return {
    name: 'server',
    llm,
    goalAddressed: true,
    generate: async () => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      return { text: 'x', finish: 'stop', promptTokens: 1, generatedTokens, estimated: false };
    },
  };
}

describe('the speed of a model', () => {
  test('is measured with every answer, and kept with the time', async () => {
    const { kept, written } = memory();
    const speeds = speedsOver(kept);
    const timed = speeds.timed('coder', provider(100));
    expect(timed).toMatchObject({ name: 'server', llm: true, goalAddressed: true });
    await timed.generate(generateRequest());
    const { coder } = speeds.all();
    expect(coder).toBeGreaterThan(0);
    expect(coder).toBeLessThanOrEqual(100 / 0.004);
    expect(written).toEqual([['host-1', 'coder', { tokensPerSecond: coder, measuredAt: 7 }]]);
  });

  test('follows a change, and is not thrown by one answer', async () => {
    const at = 1 as EpochMs;
    const { kept } = memory({ coder: { tokensPerSecond: 1_000_000, measuredAt: at } });
    const speeds = speedsOver(kept);
    await speeds.load();
    await speeds.timed('coder', provider(100)).generate(generateRequest());
    expect(speeds.all()['coder']).toBeGreaterThan(700_000);
    expect(speeds.all()['coder']).toBeLessThan(710_000);
  });

  test('is brought back after a restart; what was measured meanwhile is newer', async () => {
    const at = 1 as EpochMs;
    const old = { tokensPerSecond: 1, measuredAt: at };
    const { kept } = memory({ coder: old, other: old });
    const speeds = speedsOver(kept);
    await speeds.timed('coder', provider(100)).generate(generateRequest());
    const measured = speeds.all()['coder'];
    await speeds.load();
    expect(speeds.all()).toEqual({ coder: measured, other: 1 });
  });

  test('is not told by a short answer, nor by who is no language model', async () => {
    const { kept, written } = memory();
    const speeds = speedsOver(kept);
    await speeds.timed('coder', provider(31)).generate(generateRequest());
    await speeds.timed('scaffold', provider(1_000, false)).generate(generateRequest());
    expect(speeds.all()).toEqual({});
    expect(written).toEqual([]);
  });

  test('that cannot be written down keeps no answer', async () => {
    const errors: unknown[] = [];
    const away = new Error('away');
    const kept: Kept = { ...memory().kept, keepSpeed: () => Promise.reject(away) };
    const speeds = speedsOver(kept, errors);
    const generation = await speeds.timed('coder', provider(100)).generate(generateRequest());
    expect(generation.text).toBe('x');
    await expect.poll(() => errors).toEqual([away]);
  });
});
