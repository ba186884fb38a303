import type { Clock } from '../kernel/clock.ts';
import type { Generation, ModelProvider } from '../llm/llm.ts';
import type { Presence } from '../presence/presence.ts';

interface SpeedOptions {
  presence: Presence;
  host: string;
  clock: Clock;
  onError: (error: unknown) => void;
}

/** A shorter answer tells how long the prompt took, and not how fast the model writes. */
const LEAST_TOKENS = 32;
/** How much the latest answer counts: a machine that gets busy is noticed after a few. */
const WEIGHT = 0.3;

/** How fast the models answer on this machine, from the question to the last token; kept over restarts. */
export class Speeds {
  readonly #options: SpeedOptions;
  readonly #speeds = new Map<string, number>();
  #loaded = false;

  constructor(options: SpeedOptions) {
    this.#options = options;
  }

  /** Brings back what was kept, once. What was measured meanwhile is newer. */
  async load(): Promise<void> {
    if (this.#loaded) return;
    const { presence, host } = this.#options;
    for (const [model, { tokensPerSecond }] of Object.entries(await presence.speedsOf(host))) {
      if (!this.#speeds.has(model)) this.#speeds.set(model, tokensPerSecond);
    }
    this.#loaded = true;
  }

  /** Tokens a second by the id of the model. */
  all(): Record<string, number> {
    return Object.fromEntries(this.#speeds);
  }

  /** The same provider; its answers are timed. */
  timed(modelId: string, provider: ModelProvider): ModelProvider {
    if (!provider.llm) return provider;
    return {
      name: provider.name,
      llm: provider.llm,
      goalAddressed: provider.goalAddressed,
      generate: async (request) => {
        const started = performance.now();
        const generation = await provider.generate(request);
        this.#tell(modelId, generation, performance.now() - started);
        return generation;
      },
    };
  }

  #tell(model: string, { generatedTokens }: Generation, ms: number): void {
    if (generatedTokens < LEAST_TOKENS || ms <= 0) return;
    const measured = (generatedTokens / ms) * 1_000;
    const before = this.#speeds.get(model) ?? measured;
    const tokensPerSecond = before + WEIGHT * (measured - before);
    this.#speeds.set(model, tokensPerSecond);
    const { presence, host, clock, onError } = this.#options;
    // No answer waits for its time to be written down.
    presence.keepSpeed(host, model, { tokensPerSecond, measuredAt: clock.now() }).catch(onError);
  }
}
