import { assertNever } from '../../kernel/assertNever.ts';
import { type GenerateRequest, type Generation, ModelError } from '../llm.ts';
import { estimateTokens, promptLength } from '../remote/estimate.ts';
import { stripThinking, ThinkingFilter } from '../thinking.ts';
import type { HostAnswer } from './hostMessage.ts';

/** An answer of a model on this machine, while it is made. */
export class LocalAnswer {
  readonly #request: GenerateRequest;
  readonly #filter: ThinkingFilter;
  #text = '';

  constructor(request: GenerateRequest) {
    this.#request = request;
    this.#filter = new ThinkingFilter(request.onText);
  }

  add(piece: string): void {
    this.#text += piece;
    this.#filter.push(piece);
  }

  ended(last: Exclude<HostAnswer, { type: 'text' }>): Generation {
    switch (last.type) {
      case 'done': {
        const { finish, promptTokens, generatedTokens } = last;
        return { text: this.#whole(), finish, promptTokens, generatedTokens, estimated: false };
      }
      case 'overflow':
        throw new ModelError(
          'context_overflow',
          `the prompt has ${last.promptTokens} tokens and the model a context of ${last.contextTokens}`,
        );
      case 'error':
        return this.lost(new ModelError('protocol', `the model failed: ${last.message}`));
      default:
        return assertNever(last);
    }
  }

  /** What has come is kept. Throws `why` when nothing has. */
  lost(why: ModelError): Generation {
    if (this.#text === '') throw why;
    return {
      text: this.#whole(),
      finish: 'disconnected',
      promptTokens: estimateTokens(promptLength(this.#request)),
      generatedTokens: estimateTokens(this.#text.length),
      estimated: true,
    };
  }

  #whole(): string {
    this.#filter.end();
    return stripThinking(this.#text);
  }
}
