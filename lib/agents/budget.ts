import type { Clock, EpochMs } from '../kernel/clock.ts';
import { NO_USAGE, type Usage } from '../task/view.ts';

interface Bounds {
  /** Tokens that may be generated over all steps and attempts, reasoning included. */
  maxTokens: number;
  deadline: EpochMs;
  latencyMs: number;
  clock: Clock;
  /** What the calls of earlier attempts used, those that a crash has cut included. */
  earlier?: Usage | undefined;
}

/** Who asks: the coder's first answer has a part of the tokens kept for it, which nobody else may take. */
export type Asker = 'coder' | 'helper';

/** Tokens that were taken out of the budget before a call. */
export interface TokenLease {
  /** The call may generate that many. */
  readonly tokens: number;
  /** Gives back what was not used; undefined when the call came to nothing. Only the first word counts. */
  settle(used: Usage | undefined): void;
}

/** The part of the time that is kept for compiling and testing what was written: a fifth, within these bounds. */
const MIN_TAIL_MS = 5_000;
const MAX_TAIL_MS = 60_000;
/** Of all tokens, until the coder has had its first answer. */
const CODER_SHARE = 0.5;

function tailOf(latencyMs: number): number {
  const atLeast = Math.min(MIN_TAIL_MS, latencyMs / 2);
  return Math.max(atLeast, Math.min(MAX_TAIL_MS, latencyMs / 5));
}

/**
 * What one task may still use, whoever asks and however many at once: tokens are leased before a call and settled after
 * it. Earlier attempts count in full from the first new call on; before it only the replayed steps do, so that a replay
 * decides everything as the first run did.
 */
export class Budget {
  readonly #bounds: Bounds;
  readonly #earlier: Usage;
  #replayed: Usage = { ...NO_USAGE };
  #own: Usage = { ...NO_USAGE };
  #leased = 0;
  #hasCalled = false;
  #hasCode = false;

  constructor(bounds: Bounds) {
    this.#bounds = bounds;
    this.#earlier = bounds.earlier ?? NO_USAGE;
  }

  /** Of all attempts. */
  get usage(): Usage {
    return sum(greater(this.#earlier, this.#replayed), this.#own);
  }

  get tokensLeft(): number {
    const before = this.#hasCalled ? greater(this.#earlier, this.#replayed) : this.#replayed;
    const used = before.generated_tokens + this.#own.generated_tokens;
    return Math.max(0, this.#bounds.maxTokens - used - this.#leased);
  }

  /** Beside the part that is kept for the coder. */
  tokensLeftFor(asker: Asker): number {
    const kept = asker === 'coder' || this.#hasCode ? 0 : this.#bounds.maxTokens * CODER_SHARE;
    return Math.max(0, this.tokensLeft - Math.ceil(kept));
  }

  /** Milliseconds to the deadline; never negative. */
  get msLeft(): number {
    return Math.max(0, this.#bounds.deadline - this.#bounds.clock.now());
  }

  /** Milliseconds that a model may still use: a tail is kept for compile and smoke. */
  get modelMsLeft(): number {
    return Math.max(0, this.msLeft - tailOf(this.#bounds.latencyMs));
  }

  /** Takes up to `atMost` tokens out of what is left; undefined when nothing is left for the asker. */
  lease({ asker, atMost }: { asker: Asker; atMost: number }): TokenLease | undefined {
    this.#hasCalled = true;
    const tokens = Math.min(Math.floor(atMost), this.tokensLeftFor(asker));
    if (tokens < 1) return undefined;
    this.#leased += tokens;
    let isOpen = true;
    return {
      tokens,
      settle: (used) => {
        if (!isOpen) return;
        isOpen = false;
        this.#leased -= tokens;
        this.#own = sum(this.#own, used ?? NO_USAGE);
        this.#hasCode ||= asker === 'coder' && used !== undefined;
      },
    };
  }

  /** A call of an earlier attempt whose answer is in the journal. */
  replay(asker: Asker, used: Usage): void {
    this.#replayed = sum(this.#replayed, used);
    this.#hasCode ||= asker === 'coder';
  }
}

function sum(a: Usage, b: Usage): Usage {
  return {
    prompt_tokens: a.prompt_tokens + b.prompt_tokens,
    generated_tokens: a.generated_tokens + b.generated_tokens,
    model_calls: a.model_calls + b.model_calls,
    model_ms: a.model_ms + b.model_ms,
  };
}

/** Every call in the journal is among those of earlier attempts, where these were kept at all. */
function greater(a: Usage, b: Usage): Usage {
  return a.generated_tokens >= b.generated_tokens && a.model_calls >= b.model_calls ? a : b;
}
