import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRateLimiter, type RateLimiter } from '../src/rateLimiter.ts';

interface Scene {
  limiter: RateLimiter;
  pass: (milliseconds: number) => void;
}

function scene(capacity: number, refillPerSecond: number): Scene {
  let time = 1_000;
  return {
    limiter: createRateLimiter({ capacity, refillPerSecond, now: () => time }),
    pass: (milliseconds) => {
      time += milliseconds;
    },
  };
}

function take(limiter: RateLimiter, key: string, times: number): boolean[] {
  return Array.from({ length: times }, () => limiter.tryTake(key));
}

test('a new key may spend the whole capacity at once, and no more', () => {
  const { limiter } = scene(3, 1);
  assert.deepEqual(take(limiter, 'ann', 4), [true, true, true, false]);
});

test('one key does not spend the tokens of another', () => {
  const { limiter } = scene(2, 1);
  take(limiter, 'ann', 2);
  assert.deepEqual(take(limiter, 'bob', 3), [true, true, false]);
});

test('tokens come back with the time that has passed', () => {
  const { limiter, pass } = scene(2, 4);
  take(limiter, 'ann', 2);
  pass(249);
  assert.equal(limiter.tryTake('ann'), false);
  pass(1);
  assert.equal(limiter.tryTake('ann'), true);
  assert.equal(limiter.tryTake('ann'), false);
});

test('many small waits add up to a token', () => {
  const { limiter, pass } = scene(1, 2);
  limiter.tryTake('ann');
  const answers = Array.from({ length: 5 }, () => {
    pass(100);
    return limiter.tryTake('ann');
  });
  assert.deepEqual(answers, [false, false, false, false, true]);
});

test('a long rest never fills the bucket above its capacity', () => {
  const { limiter, pass } = scene(2, 10);
  take(limiter, 'ann', 2);
  pass(3_600_000);
  assert.deepEqual(take(limiter, 'ann', 3), [true, true, false]);
});

test('the wait for the next token is told in whole milliseconds', () => {
  const { limiter, pass } = scene(1, 3);
  assert.equal(limiter.retryAfterMs('ann'), 0);
  limiter.tryTake('ann');
  assert.equal(limiter.retryAfterMs('ann'), 334);
  pass(334);
  assert.equal(limiter.retryAfterMs('ann'), 0);
  assert.equal(limiter.tryTake('ann'), true);
});
