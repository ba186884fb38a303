import type { Clock, EpochMs } from '../kernel/clock.ts';
import { NO_USAGE, type Usage } from '../task/view.ts';

interface Bounds {
  /** Tokens that may be generated over all steps, reasoning included. */
  maxTokens: number;
  deadline: EpochMs;
  latencyMs: number;
  clock: Clock;
}

/** The part of the time that is kept for compiling and testing what was written: a fifth, within these bounds. */
const MIN_TAIL_MS = 5_000;
const MAX_TAIL_MS = 60_000;

function tailOf(latencyMs: number): number {
  const atLeast = Math.min(MIN_TAIL_MS, latencyMs / 2);
  return Math.max(atLeast, Math.min(MAX_TAIL_MS, latencyMs / 5));
}

/** What one task may still use. What replayed steps had used counts as well. */
export class Budget {
  readonly #bounds: Bounds;
  #usage: Usage = { ...NO_USAGE };

  constructor(bounds: Bounds) {
    this.#bounds = bounds;
  }

  get usage(): Usage {
    return { ...this.#usage };
  }

  get tokensLeft(): number {
    return Math.max(0, this.#bounds.maxTokens - this.#usage.generated_tokens);
  }

  /** Milliseconds to the deadline; never negative. */
  get msLeft(): number {
    return Math.max(0, this.#bounds.deadline - this.#bounds.clock.now());
  }

  /** Milliseconds that a model may still use: a tail is kept for compile and smoke. */
  get modelMsLeft(): number {
    return Math.max(0, this.msLeft - tailOf(this.#bounds.latencyMs));
  }

  spend(call: { prompt_tokens: number; generated_tokens: number; model_ms: number }): void {
    this.#usage = {
      prompt_tokens: this.#usage.prompt_tokens + call.prompt_tokens,
      generated_tokens: this.#usage.generated_tokens + call.generated_tokens,
      model_calls: this.#usage.model_calls + 1,
      model_ms: this.#usage.model_ms + call.model_ms,
    };
  }
}
