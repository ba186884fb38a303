import type { CallLedger, OpenCall } from '../agents/ledger.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Claim } from '../store/claim.ts';
import type { ModelCall } from '../store/modelCalls.ts';
import type { Store } from '../store/store.ts';
import type { Usage } from '../task/view.ts';
import { LeaseLost } from './endings.ts';

interface LedgerOptions {
  store: Pick<Store, 'keepModelCall' | 'forgetModelCall' | 'usageOf'>;
  claim: Pick<Claim, 'taskId' | 'fence' | 'attempt'>;
  clock: Clock;
}

/** A call is charged ahead, in blocks of this part of its lease: so a crash counts what was streamed, for few writes. */
const BLOCKS = 128;
const LARGEST_BLOCK = 64;

/** The calls of one attempt, in the database. */
export async function openCallLedger(options: LedgerOptions): Promise<CallLedger> {
  const { store, claim } = options;
  const earlier = await store.usageOf(claim.taskId);
  let number = 0;
  return {
    earlier,
    open: async ({ step, leasedTokens, promptTokens }) => {
      number += 1;
      const { taskId, fence, attempt } = claim;
      const usage = { prompt_tokens: promptTokens, generated_tokens: 0, model_ms: 0 };
      const call = { taskId, fence, attempt, number, step, leasedTokens, usage, settled: false };
      await keep(options, call);
      return openCall(options, call);
    },
  };
}

function openCall(options: LedgerOptions, call: ModelCall): OpenCall {
  const { store, clock } = options;
  const block = Math.min(LARGEST_BLOCK, Math.ceil(call.leasedTokens / BLOCKS));
  const started = clock.now();
  let charged = 0;
  let written: Promise<void> = Promise.resolve();

  async function write(usage: Omit<Usage, 'model_calls'>, settled: boolean): Promise<void> {
    const { prompt_tokens, generated_tokens, model_ms } = usage;
    const counted = { prompt_tokens, generated_tokens, model_ms };
    await keep(options, { ...call, usage: counted, settled });
  }

  return {
    charge: (generatedTokens) => {
      if (generatedTokens > charged) {
        charged = generatedTokens + block;
        const usage = { ...call.usage, generated_tokens: charged, model_ms: clock.now() - started };
        // One after the other: a slow write must not be overtaken by a later one, nor come after the settlement.
        written = written.then(() => write(usage, false));
        written.catch(() => undefined);
      }
      return written;
    },
    settle: async (used) => {
      await written.catch(() => undefined);
      if (used !== undefined) return write(used, true);
      if ((await store.forgetModelCall(call)) === 'lost') throw new LeaseLost();
    },
  };
}

async function keep({ store }: LedgerOptions, call: ModelCall): Promise<void> {
  if ((await store.keepModelCall(call)) === 'lost') throw new LeaseLost();
}
