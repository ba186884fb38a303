import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Budget, type TokenLease } from '../../../lib/agents/budget.ts';
import type { EpochMs } from '../../../lib/kernel/clock.ts';
import type { Usage } from '../../../lib/task/view.ts';

const usage = (generated: number): Usage => ({
  prompt_tokens: 10,
  generated_tokens: generated,
  model_calls: 1,
  model_ms: 5,
});

function budget(maxTokens: number, earlier?: Usage, { now = 0, latencyMs = 600_000 } = {}) {
  const clock = { now: () => now as EpochMs };
  return new Budget({ maxTokens, latencyMs, deadline: latencyMs as EpochMs, clock, earlier });
}

const move = fc.oneof(
  fc.record({
    kind: fc.constant('lease' as const),
    asker: fc.constantFrom('coder' as const, 'helper' as const),
    atMost: fc.integer({ min: 0, max: 5_000 }),
  }),
  fc.record({
    kind: fc.constant('settle' as const),
    which: fc.nat({ max: 20 }),
    share: fc.double({ min: 0, max: 1, noNaN: true }),
    /** Its caller settles again, as a `finally` after a `catch` may. */
    twice: fc.boolean(),
  }),
);
type Move = typeof move extends fc.Arbitrary<infer T> ? T : never;

/** What is used and leased after each of the moves, by an account of its own. */
function* played(one: Budget, before: number, moves: readonly Move[]) {
  const open: TokenLease[] = [];
  let used = before;
  for (const step of moves) {
    if (step.kind === 'lease') {
      const lease = one.lease(step);
      if (lease !== undefined) open.push(lease);
    } else if (open.length > 0) {
      const [lease] = open.splice(step.which % open.length, 1);
      const spent = Math.floor((lease?.tokens ?? 0) * step.share);
      lease?.settle(usage(spent));
      if (step.twice) lease?.settle(usage(spent));
      used += spent;
    }
    yield { used, leased: open.reduce((all, { tokens }) => all + tokens, 0) };
  }
}

describe('the budget of a task', () => {
  test('is never oversubscribed, whoever leases, at once or one after the other', async () => {
    const tokens = fc.integer({ min: 1, max: 10_000 });
    await fc.assert(
      fc.property(tokens, tokens, fc.array(move, { maxLength: 60 }), (max, before, moves) => {
        const one = budget(max, usage(before));
        for (const { used, leased } of played(one, before, moves)) {
          expect(one.usage.generated_tokens).toBe(used);
          expect(leased).toBeLessThanOrEqual(Math.max(0, max - used));
        }
      }),
    );
  });

  test('keeps half of the tokens for the coder until it has had an answer', () => {
    const one = budget(1_000);
    expect(one.lease({ asker: 'helper', atMost: 900 })?.tokens).toBe(500);
    expect(one.lease({ asker: 'helper', atMost: 1 })).toBeUndefined();
    const coder = one.lease({ asker: 'coder', atMost: 900 });
    expect(coder?.tokens).toBe(500);
    coder?.settle(usage(100));
    expect(one.lease({ asker: 'helper', atMost: 900 })?.tokens).toBe(400);
  });

  test('gives back what a call did not use, and all of one that came to nothing', () => {
    const one = budget(1_000);
    one.lease({ asker: 'coder', atMost: 1_000 })?.settle(usage(300));
    expect(one.tokensLeft).toBe(700);
    one.lease({ asker: 'coder', atMost: 700 })?.settle(undefined);
    expect(one.tokensLeft).toBe(700);
    expect(one.usage).toEqual({
      prompt_tokens: 10,
      generated_tokens: 300,
      model_calls: 1,
      model_ms: 5,
    });
  });

  test('counts a server that does not keep its bound in full', () => {
    const one = budget(1_000);
    one.lease({ asker: 'coder', atMost: 500 })?.settle(usage(1_400));
    expect(one.tokensLeft).toBe(0);
    expect(one.lease({ asker: 'coder', atMost: 1 })).toBeUndefined();
    expect(one.usage.generated_tokens).toBe(1_400);
  });

  test('decides a replay as the first run was, and then counts what a crash has cut', () => {
    const one = budget(1_000, { ...usage(900), model_calls: 2 });
    expect(one.tokensLeft).toBe(1_000);
    one.replay('coder', usage(300));
    expect(one.tokensLeft).toBe(700);
    expect(one.lease({ asker: 'coder', atMost: 700 })?.tokens).toBe(100);
    expect(one.usage).toMatchObject({ generated_tokens: 900, model_calls: 2 });
  });

  test('keeps a tail of the time for compile and tests', () => {
    expect(budget(1, undefined, { latencyMs: 600_000 }).modelMsLeft).toBe(540_000);
    expect(budget(1, undefined, { latencyMs: 60_000 }).modelMsLeft).toBe(48_000);
    expect(budget(1, undefined, { latencyMs: 600_000, now: 560_000 })).toMatchObject({
      msLeft: 40_000,
      modelMsLeft: 0,
    });
  });
});
