import { describe, expect, test } from 'vitest';
import type { EpochMs } from '../../../lib/kernel/clock.ts';
import type { Routed } from '../../../lib/router/route.ts';
import { waitForModel } from '../../../lib/worker/waitForModel.ts';
import { modelCard } from '../../support/modelCard.ts';

const refusedBy = (...models: string[]): Routed => ({
  why: 'no model can take this task',
  refused: models.map((model) => ({ model, reasons: ['it is small'] })),
});
const TAKEN: Routed = { chosen: modelCard(), why: 'it can', refused: [] };

/** Each look takes a second of the clock. */
function wait(looks: Routed[], untilMs: number, signal = new AbortController().signal) {
  let now = 0;
  const told: string[][] = [];
  const ended = waitForModel({
    look: async () => {
      now += 1_000;
      return looks.shift() ?? refusedBy('none');
    },
    tell: async ({ refused }) => void told.push(refused.map(({ model }) => model)),
    until: untilMs as EpochMs,
    clock: { now: () => now as EpochMs },
    signal,
  });
  return { ended, told };
}

describe('a task that waits for a model', () => {
  test('is taken by the first one that can', async () => {
    const { ended, told } = wait([refusedBy('a'), TAKEN], 1_050);
    expect(await ended).toEqual(TAKEN);
    expect(told).toEqual([['a']]);
  });

  test('gives up when its time is over, with the latest reasons', async () => {
    const { ended } = wait([refusedBy('a'), refusedBy('b')], 1_010);
    expect(await ended).toEqual(refusedBy('b'));
  });

  test('says why once, and again when the reasons change', async () => {
    const looks = [refusedBy('a'), refusedBy('a'), refusedBy('a', 'b'), TAKEN];
    const { ended, told } = wait(looks, 3_020);
    await ended;
    expect(told).toEqual([['a'], ['a', 'b']]);
  }, 10_000);

  test('ends at once when the task is stopped', async () => {
    const controller = new AbortController();
    const { ended } = wait([], 1_000_000, controller.signal);
    const reason = new Error('cancelled');
    setTimeout(() => controller.abort(reason), 20);
    await expect(ended).rejects.toBe(reason);
  });
});
