import type { Language, NonNegotiables } from '../task/payload.ts';

export interface ChatMessage {
  role: 'system' | 'user' | 'assistant';
  content: string;
}

/** What the call is about, for providers that answer without a language model (scaffold, replay). */
export interface CodingContext {
  /** Journal key of the step, for example `code.1`. */
  step: string;
  language: Language;
  goal: string;
  expectedFiles: readonly string[];
  /** Expected files that exist already, and everything else of the copy, by relative path. */
  existingFiles: readonly string[];
  nonNegotiables: NonNegotiables;
}

export interface GenerateRequest {
  /** Name of the model as its server knows it. */
  model: string;
  messages: readonly ChatMessage[];
  /** Upper bound of generated tokens, reasoning included. */
  maxTokens: number;
  temperature: number;
  seed: number;
  context: CodingContext;
  signal: AbortSignal;
  /** Called with each piece of the answer, in order, while it is made. */
  onText: (delta: string) => void;
  /** Called with an estimate of all tokens generated so far, thinking included, by providers that hear it. */
  onTokens?: (generated: number) => void;
}

export interface Generation {
  /** The whole answer, thinking stripped. Partial when `finish` is not `stop`. */
  text: string;
  finish: 'stop' | 'length' | 'disconnected';
  promptTokens: number;
  generatedTokens: number;
  /** True when the server reported no usage and the counts are estimates (4 characters a token). */
  estimated: boolean;
}

export type ModelErrorKind = 'connect' | 'http' | 'protocol' | 'context_overflow' | 'timeout';

/** The provider could not answer. `retryable` was already tried as often as the provider does by itself. */
export class ModelError extends Error {
  readonly kind: ModelErrorKind;
  readonly status: number | undefined;

  constructor(
    kind: ModelErrorKind,
    message: string,
    options: { status?: number; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.name = 'ModelError';
    this.kind = kind;
    this.status = options.status;
  }
}

/**
 * Somebody who answers. Throws `ModelError` when no answer can be had and the signal's reason when it was aborted;
 * an abort reaches the server. Nothing is cached; the same request may be answered differently.
 */
export interface ModelProvider {
  readonly name: string;
  /** True when a language model speaks. */
  readonly llm: boolean;
  /** False for the scaffold: it builds a skeleton whatever the goal says. */
  readonly goalAddressed: boolean;
  /** False when it has nothing to say in this step of this goal; absent: it answers whatever it is asked. */
  answersStep?(goal: string, step: string): boolean;
  generate(request: GenerateRequest): Promise<Generation>;
}
