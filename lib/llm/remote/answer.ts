import type { GenerateRequest, Generation } from '../llm.ts';
import { stripThinking, ThinkingFilter } from '../thinking.ts';
import type { Said } from './dialect.ts';
import { estimateTokens, promptLength } from './estimate.ts';

/** No honest token is longer; an answer beyond this has a server that does not keep max_tokens. */
const LONGEST_TOKEN = 32;
/** Pieces without a word in them: role, usage, an empty delta now and then. */
const SPARE_PIECES = 10_000;

/** An answer while it comes in. */
export class Answer {
  readonly #request: GenerateRequest;
  readonly #filter: ThinkingFilter;
  #text = '';
  #reasoningLength = 0;
  #ended: 'stop' | 'length' | undefined;
  #promptTokens: number | undefined;
  #generatedTokens: number | undefined;
  #pieces = 0;

  constructor(request: GenerateRequest) {
    this.#request = request;
    this.#filter = new ThinkingFilter(request.onText);
  }

  get hasPieces(): boolean {
    return this.#pieces > 0;
  }

  /** True while there is nothing to lose: neither text nor reasoning has come, nor an end. */
  get isEmpty(): boolean {
    return this.#length === 0 && this.#finish() === 'disconnected';
  }

  /** True when the server wrote far more than it was asked for. */
  get isOverlong(): boolean {
    const { maxTokens } = this.#request;
    return this.#length > maxTokens * LONGEST_TOKEN || this.#pieces > maxTokens * 4 + SPARE_PIECES;
  }

  add(said: Said): void {
    this.#pieces += 1;
    this.#promptTokens = said.promptTokens ?? this.#promptTokens;
    this.#generatedTokens = said.generatedTokens ?? this.#generatedTokens;
    this.#reasoningLength += said.reasoningLength ?? 0;
    this.#addText(said.text ?? '');
    // A reason that was told before the last word counts for more than the last word.
    this.#ended = said.finish ?? this.#ended ?? (said.last === true ? 'stop' : undefined);
    this.#request.onTokens?.(estimateTokens(this.#length));
  }

  /** Call once: what has come, however it ended. */
  generation(): Generation {
    this.#filter.end();
    return {
      text: stripThinking(this.#text),
      finish: this.#finish(),
      promptTokens: this.#promptTokens ?? estimateTokens(promptLength(this.#request)),
      generatedTokens: this.#generatedTokens ?? estimateTokens(this.#length),
      estimated: this.#promptTokens === undefined || this.#generatedTokens === undefined,
    };
  }

  get #length(): number {
    return this.#text.length + this.#reasoningLength;
  }

  #addText(text: string): void {
    if (text === '') return;
    this.#text += text;
    this.#filter.push(text);
  }

  #finish(): Generation['finish'] {
    return this.isOverlong ? 'length' : (this.#ended ?? 'disconnected');
  }
}
