import type { Generation } from '../llm/llm.ts';
import type { Usage } from '../task/view.ts';
import type { Asker } from './budget.ts';
import type { OpenCall } from './ledger.ts';
import { CHARS_PER_TOKEN } from './prompt.ts';
import type { TaskRun } from './taskRun.ts';

export interface Purchase {
  /** Journal key. */
  step: string;
  asker: Asker;
  /** Tokens that the answer has room for. */
  atMost: number;
  /** Estimated. */
  promptTokens: number;
}

/** What a call has generated so far. */
export class Meter {
  readonly #call: OpenCall | undefined;
  #characters = 0;
  #told = 0;

  constructor(call: OpenCall | undefined) {
    this.#call = call;
  }

  /** At least so many: what was said, or, with thinking that nobody hears, what the provider tells. */
  get tokens(): number {
    return Math.max(this.#told, Math.ceil(this.#characters / CHARS_PER_TOKEN));
  }

  heard(delta: string): void {
    this.#characters += delta.length;
  }

  /** Thinking is not shown, so nobody waits for it to be written down; what goes wrong with that is told by settling. */
  told(tokens: number): void {
    this.#told = Math.max(this.#told, tokens);
    this.write().catch(() => undefined);
  }

  /** To be awaited before what was heard is shown: nobody has seen tokens that a crash could make free. */
  async write(): Promise<void> {
    await this.#call?.charge(this.tokens);
  }
}

/**
 * Makes one call with tokens that are leased before it, and settles what it used however it ends. Undefined, and no call,
 * when the budget has none left for the asker. Without a language model nothing is written down, and no call is counted.
 */
export async function payFor(
  { budget, tools }: TaskRun,
  { step, asker, atMost, promptTokens }: Purchase,
  make: (tokens: number, meter: Meter) => Promise<Generation>,
): Promise<Generation | undefined> {
  const { provider, ledger, clock } = tools;
  const lease = budget.lease({ asker, atMost });
  if (lease === undefined) return undefined;
  const asked = { step, leasedTokens: lease.tokens, promptTokens };
  const call = provider.llm ? await ledger?.open(asked) : undefined;
  const meter = new Meter(call);
  const started = clock.now();
  let used: Usage | undefined;
  const usageOf = (prompt: number, generated: number): Usage => ({
    prompt_tokens: prompt,
    generated_tokens: generated,
    model_calls: provider.llm ? 1 : 0,
    model_ms: clock.now() - started,
  });
  try {
    const generation = await make(lease.tokens, meter);
    used = usageOf(generation.promptTokens, generation.generatedTokens);
    return generation;
  } catch (error) {
    if (meter.tokens > 0) used = usageOf(promptTokens, meter.tokens);
    throw error;
  } finally {
    lease.settle(used);
    await call?.settle(used);
  }
}
