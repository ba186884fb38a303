import { expect, test } from 'vitest';
import { readCards } from '../../../lib/llm/readModelFiles.ts';
import { memoryNeed } from '../../../lib/models/fit.ts';
import { simulateFit } from '../../../scripts/bench/fit/simulateFit.ts';
import { requireRuntime } from '../../support/tinyModel.ts';

const CONTEXTS = [8_192, 32_768];
const GIB = 1_073_741_824;
const TOLERANCE_GIB = 0.05;
/** What these keep for their layers without attention is not in the headers that are written of them. */
const HYBRID = ['qwen3-coder-next', 'qwen3.5-9b', 'qwen3.6-35b-a3b', 'qwen3.8-27b'];

test('for every card cache and compute buffer are what llama.cpp itself reckons from such a header', async (ctx) => {
  const runtime = requireRuntime(ctx);
  const cards = readCards(undefined);
  const simulated = await simulateFit(cards, CONTEXTS, runtime);
  expect([...simulated.keys()]).toEqual(cards.map(({ id }) => id));
  const differences = cards.flatMap(({ id, file_bytes = 0, dimensions }) => {
    const { bytes = [] } = simulated.get(id) ?? {};
    if (dimensions === undefined || typeof bytes === 'string') return [`${id}: ${bytes}`];
    return CONTEXTS.flatMap((contextTokens, at) => {
      const { cache, compute } = memoryNeed(file_bytes, dimensions, { contextTokens, slots: 1 });
      const state = HYBRID.includes(id) ? (dimensions.state_bytes ?? 0) : 0;
      const gib = (cache + compute - state - (bytes[at] ?? 0)) / GIB;
      return Math.abs(gib) <= TOLERANCE_GIB ? [] : [`${id} at ${contextTokens}: ${gib} GiB`];
    });
  });
  expect(differences).toEqual([]);
});
