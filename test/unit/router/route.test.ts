import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ModelCard } from '../../../lib/models/card.ts';
import { type RouteRequest, routeTask } from '../../../lib/router/route.ts';
import { TaskPayload } from '../../../lib/task/payload.ts';
import { modelCard } from '../../support/modelCard.ts';

const SCAFFOLD = modelCard({ id: 'scaffold', provider: 'scaffold', llm: false, preference: 0 });
const REPLAY = modelCard({ id: 'replay', provider: 'replay', llm: false, preference: 1_000 });

function route(
  candidates: ModelCard[],
  constraints: { max_tokens?: number; latency_ms?: number } = {},
  given: Partial<RouteRequest> = {},
) {
  return routeTask({
    payload: TaskPayload.parse({
      type: 'CODE',
      input: { language: 'python', repo: { path: 'r' }, goal: 'Add.', constraints },
    }),
    candidates,
    gpu: { kind: 'none', why: 'nvidia-smi is not installed', ramFreeMiB: 1_000 },
    promptTokensEstimate: 500,
    tokensNeeded: 2_000,
    policy: { licences: undefined, allowCloud: false },
    speeds: {},
    scaffold: true,
    ...given,
  });
}

describe('the route of a task', () => {
  test('leads to the greatest preference', () => {
    const small = modelCard({ id: 'small', preference: 20 });
    const large = modelCard({ id: 'large', preference: 60 });
    expect(route([small, large, SCAFFOLD])).toEqual({
      chosen: large,
      why: 'large has the greatest preference (60) of 2 models that can take this task',
      refused: [],
    });
  });

  test('passes by a model that cannot take the task, and says why', () => {
    const large = modelCard({ id: 'large', preference: 60, languages: ['java'] });
    const small = modelCard({ id: 'small', preference: 20 });
    expect(route([large, small])).toEqual({
      chosen: small,
      why: 'small is the only model that can take this task',
      refused: [{ model: 'large', reasons: ['it does not write python'] }],
    });
  });

  test('leads to a recording before any model', () => {
    expect(route([modelCard(), REPLAY, SCAFFOLD])).toMatchObject({
      chosen: { id: 'replay' },
      why: 'answers to this goal were recorded',
    });
  });

  test('leads to the scaffold only when nobody else can', () => {
    const other = modelCard({ languages: ['java'], preference: -5 });
    expect(route([SCAFFOLD, modelCard({ preference: -5 })]).chosen?.id).toBe('coder-7b');
    expect(route([SCAFFOLD, other])).toMatchObject({
      chosen: { id: 'scaffold' },
      why: expect.stringContaining('the goal is not addressed'),
    });
  });

  test('leads to no scaffold where none is wanted, and says so', () => {
    expect(route([SCAFFOLD], {}, { scaffold: false })).toEqual({
      why: 'no model can take this task',
      refused: [
        {
          model: 'scaffold',
          reasons: ['it makes skeletons only, and WHEN_NO_MODEL asks for none'],
        },
      ],
    });
  });

  test('passes by a model that was measured to be too slow for this task, not for a smaller one', () => {
    const slow = modelCard({ id: 'slow', preference: 60 });
    const quick = modelCard({ id: 'quick', preference: 20 });
    const speeds = { slow: 5, quick: 50 };
    const hurry = { latency_ms: 100_000 };
    expect(route([slow, quick], hurry, { speeds, tokensNeeded: 4_000 })).toMatchObject({
      chosen: { id: 'quick' },
      refused: [{ model: 'slow', reasons: [expect.stringContaining('5.0 tokens a second')] }],
    });
    const small = { speeds, tokensNeeded: 500 };
    expect(route([slow, quick], hurry, small).chosen?.id).toBe('slow');
  });

  test('asks for the speed that the task needs, and not for that of all its max_tokens', () => {
    const cpu = modelCard({ id: 'cpu' });
    const speeds = { cpu: 5 };
    expect(route([cpu, SCAFFOLD], { max_tokens: 8_192 }, { speeds })).toMatchObject({
      chosen: { id: 'cpu' },
      why: 'cpu is the only model that can take this task',
    });
  });

  test('leads to the fastest of slow models rather than to a skeleton, and says so', () => {
    const slow = modelCard({ id: 'slow', preference: 60 });
    const slower = modelCard({ id: 'slower', preference: 90 });
    const speeds = { slow: 2, slower: 1 };
    const routed = route([slower, slow, SCAFFOLD], {}, { speeds });
    expect(routed).toEqual({
      chosen: slow,
      why: 'slow is slow (it writes 2.0 tokens a second here: 2000 tokens would take 1000 s and latency_ms allows 600 s (1200 tokens)), but no faster model can take this task, and the task does not set latency_ms; what is ready in time is used',
      refused: [{ model: 'slower', reasons: [expect.stringContaining('1.0 tokens a second')] }],
    });
    expect(route([slow], {}, { speeds, scaffold: false }).chosen?.id).toBe('slow');
  });

  test('keeps a slow model from a task that says how long it may take, or that it cannot take anyway', () => {
    const speeds = { slow: 2 };
    const slow = modelCard({ id: 'slow' });
    expect(route([slow, SCAFFOLD], { latency_ms: 500_000 }, { speeds })).toMatchObject({
      chosen: { id: 'scaffold' },
      refused: [{ model: 'slow', reasons: [expect.stringContaining('latency_ms allows 500 s')] }],
    });
    const other = modelCard({ id: 'slow', languages: ['java'] });
    expect(route([other, SCAFFOLD], {}, { speeds })).toMatchObject({
      chosen: { id: 'scaffold' },
      refused: [{ reasons: ['it does not write python', expect.stringContaining('2.0 tokens')] }],
    });
  });

  test('leads nowhere without candidates', () => {
    expect(route([])).toEqual({ why: 'no model can take this task', refused: [] });
  });

  test('asks for room for a prompt and one answer, not for all answers of the task', () => {
    const card = modelCard({ context_tokens: 4_096 });
    expect(route([card], { max_tokens: 100_000 }).chosen).toEqual(card);
    expect(route([modelCard({ context_tokens: 600 })], { max_tokens: 101 }).refused).toHaveLength(
      1,
    );
    expect(route([modelCard({ context_tokens: 600 })], { max_tokens: 100 }).refused).toHaveLength(
      0,
    );
  });

  test('does not depend on the order of the candidates', async () => {
    const cards = fc.uniqueArray(
      fc.record({
        id: fc.string({ minLength: 1, maxLength: 5 }),
        preference: fc.integer({ min: 0, max: 3 }),
      }),
      { selector: ({ id }) => id, maxLength: 6 },
    );
    await fc.assert(
      fc.property(cards, (drawn) => {
        const candidates = drawn.map((card) => modelCard(card));
        const chosen = route(candidates).chosen;
        expect(route(candidates.toReversed()).chosen).toEqual(chosen);
        expect(candidates.every(({ preference }) => preference <= (chosen?.preference ?? 0))).toBe(
          true,
        );
      }),
    );
  });
});
