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
    const hurry = { max_tokens: 4_000, latency_ms: 100_000 };
    expect(route([slow, quick], hurry, { speeds })).toMatchObject({
      chosen: { id: 'quick' },
      refused: [{ model: 'slow', reasons: [expect.stringContaining('5.0 tokens a second')] }],
    });
    expect(route([slow, quick], { ...hurry, max_tokens: 500 }, { speeds }).chosen?.id).toBe('slow');
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
