import type { Usage } from '../task/view.ts';

/**
 * Where the calls of a task's models are written down before they are made: what was used outlives the worker. Every
 * write throws `LeaseLost` when another worker took the task; none asks whether the task is being stopped.
 */
export interface CallLedger {
  /** What the calls of earlier attempts used; of a call that a crash has cut, at least what it had streamed. */
  readonly earlier: Usage;
  open(call: { step: string; leasedTokens: number; promptTokens: number }): Promise<OpenCall>;
}

export interface OpenCall {
  /** So many tokens were generated until now. Resolves once at least these are written down. */
  charge(generatedTokens: number): Promise<void>;
  /** Ends the call; undefined: it came to nothing, and is forgotten. */
  settle(used: Usage | undefined): Promise<void>;
}
