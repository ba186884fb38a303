import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CallLedger } from '../../../lib/agents/ledger.ts';
import { systemClock } from '../../../lib/kernel/clock.ts';
import type { Claim } from '../../../lib/store/claim.ts';
import { openCallLedger } from '../../../lib/worker/callLedger.ts';
import { LeaseLost } from '../../../lib/worker/endings.ts';
import { aFailure, openTestStore, TERMS, type TestStore } from '../../support/testStore.ts';

let room: TestStore;
beforeAll(async () => {
  room = await openTestStore();
});
afterAll(() => room.close());

const CALL = { step: 'code.1', leasedTokens: 8_192, promptTokens: 40 };
const USED = { prompt_tokens: 50, generated_tokens: 300, model_calls: 1, model_ms: 20 };

function ledgerOf(claim: Claim): Promise<CallLedger> {
  return openCallLedger({ store: room.store, clock: systemClock, claim });
}

/** The claim of the worker that comes after one that was killed. */
async function takenOver({ taskId }: Claim): Promise<Claim> {
  await room.lapse(taskId);
  const claim = await room.store.claimTask({ ...TERMS, owner: 'worker-2', taskId });
  if (claim === undefined) throw new Error('a lapsed task was not claimed');
  return claim;
}

describe('what the calls of a task have used', () => {
  test('is known to the next worker: of a call that a crash has cut, at least what was streamed', async () => {
    const killed = await room.claimed();
    const ledger = await ledgerOf(killed);
    expect(ledger.earlier.generated_tokens).toBe(0);
    await (await ledger.open(CALL)).settle(USED);
    const cut = await ledger.open({ ...CALL, step: 'code.2' });
    for (let tokens = 1; tokens <= 100; tokens += 1) await cut.charge(tokens);
    const { earlier } = await ledgerOf(await takenOver(killed));
    expect(earlier).toMatchObject({ prompt_tokens: 90, model_calls: 2 });
    expect(earlier.generated_tokens).toBeGreaterThanOrEqual(400);
    expect(earlier.generated_tokens).toBeLessThanOrEqual(464);
  });

  test('is settled with what was really used, also by calls that run at once', async () => {
    const claim = await room.claimed();
    const ledger = await ledgerOf(claim);
    const [one, other] = await Promise.all([ledger.open(CALL), ledger.open(CALL)]);
    await Promise.all([one.charge(500), other.charge(700)]);
    await Promise.all([one.settle(USED), other.settle({ ...USED, generated_tokens: 5 })]);
    expect(await room.store.usageOf(claim.taskId)).toEqual({
      prompt_tokens: 100,
      generated_tokens: 305,
      model_calls: 2,
      model_ms: 40,
    });
  });

  test('does not hold a call that came to nothing', async () => {
    const claim = await room.claimed();
    const call = await (await ledgerOf(claim)).open(CALL);
    await call.settle(undefined);
    expect(await room.store.usageOf(claim.taskId)).toMatchObject({ model_calls: 0 });
  });

  test('cannot be written by a worker that has lost the task', async () => {
    const lost = await room.claimed();
    const ledger = await ledgerOf(lost);
    const call = await ledger.open(CALL);
    const claim = await takenOver(lost);
    await expect(ledger.open(CALL)).rejects.toBeInstanceOf(LeaseLost);
    await expect(call.charge(1_000)).rejects.toBeInstanceOf(LeaseLost);
    await expect(call.settle(USED)).rejects.toBeInstanceOf(LeaseLost);
    await expect(call.settle(undefined)).rejects.toBeInstanceOf(LeaseLost);
    expect(await room.store.usageOf(claim.taskId)).toMatchObject({
      generated_tokens: 0,
      model_calls: 1,
    });
  });

  test.each([
    ['journal', 300],
    ['start', 0],
  ] as const)('after a resume from the %s is %i tokens', async (from, tokens) => {
    const claim = await room.claimed();
    await (await (await ledgerOf(claim)).open(CALL)).settle(USED);
    await room.store.finishTask(aFailure(claim));
    await room.store.resumeTask({ taskId: claim.taskId, from });
    expect((await room.store.usageOf(claim.taskId)).generated_tokens).toBe(tokens);
  });
});
