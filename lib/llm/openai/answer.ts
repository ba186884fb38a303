import type { GenerateRequest, Generation } from '../llm.ts';
import { stripThinking, ThinkingFilter } from '../thinking.ts';
import type { Frame } from './wire.ts';

/** Servers that report no usage: a token is about four characters of code. */
const CHARACTERS_PER_TOKEN = 4;
/** No honest token is longer; an answer beyond this has a server that does not keep max_tokens. */
const LONGEST_TOKEN = 32;

/** An answer while it comes in. */
export class Answer {
  readonly #request: GenerateRequest;
  readonly #filter: ThinkingFilter;
  #text = '';
  #reasoningLength = 0;
  #finishReason: string | undefined;
  #done = false;
  #usage: Frame['usage'];
  #frames = 0;

  constructor(request: GenerateRequest) {
    this.#request = request;
    this.#filter = new ThinkingFilter(request.onText);
  }

  get hasFrames(): boolean {
    return this.#frames > 0;
  }

  /** True while there is nothing to lose: neither text nor reasoning has come, nor an end. */
  get isEmpty(): boolean {
    return this.#length === 0 && this.#finish() === 'disconnected';
  }

  /** True when the server wrote far more than it was asked for. */
  get isOverlong(): boolean {
    return this.#length > this.#request.maxTokens * LONGEST_TOKEN;
  }

  add(frame: Frame): void {
    this.#frames += 1;
    // Some servers send the usage with every frame: the last one is the sum.
    if (frame.usage) this.#usage = frame.usage;
    const [choice] = frame.choices;
    if (choice === undefined) return;
    const piece = choice.delta ?? choice.message;
    // A whole answer has no frame after it that would say that it is done.
    if (choice.message) this.#done = true;
    this.#reasoningLength += (piece?.reasoning_content ?? piece?.reasoning ?? '').length;
    this.#addText(piece?.content ?? '');
    this.#finishReason = choice.finish_reason ?? this.#finishReason;
  }

  /** The server said that this was all. */
  markDone(): void {
    this.#done = true;
  }

  /** Call once: what has come, however it ended. */
  generation(): Generation {
    this.#filter.end();
    const usage = this.#usage;
    return {
      text: stripThinking(this.#text),
      finish: this.#finish(),
      promptTokens: usage?.prompt_tokens ?? estimate(promptLength(this.#request)),
      generatedTokens: usage?.completion_tokens ?? estimate(this.#length),
      estimated: !usage,
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
    if (this.#finishReason === 'length' || this.isOverlong) return 'length';
    return this.#finishReason !== undefined || this.#done ? 'stop' : 'disconnected';
  }
}

function promptLength({ messages }: GenerateRequest): number {
  return messages.reduce((sum, { content }) => sum + content.length, 0);
}

function estimate(characters: number): number {
  return Math.ceil(characters / CHARACTERS_PER_TOKEN);
}
