const TAGS = ['think', 'thinking', 'thought'] as const;
const OPENING = /^\s*<(think|thinking|thought)>/;

/**
 * The answer without the thinking that some models write before it. Only what stands before the answer is taken away:
 * the same tags inside code are code. Thinking that never ends leaves an empty answer.
 */
export function stripThinking(answer: string): string {
  let rest = withoutPreopenedThinking(answer);
  for (;;) {
    const opening = OPENING.exec(rest);
    if (opening === null) return rest;
    const closing = `</${opening[1]}>`;
    const end = rest.indexOf(closing, opening[0].length);
    if (end < 0) return '';
    rest = rest.slice(end + closing.length).trimStart();
  }
}

/** Some chat templates open the tag in the prompt, so that the answer holds only the closing one. */
function withoutPreopenedThinking(answer: string): string {
  if (OPENING.test(answer)) return answer;
  const closings = TAGS.map((tag) => `</${tag}>`);
  const firstFence = answer.search(/^(?:```|~~~)/m);
  const head = firstFence < 0 ? answer : answer.slice(0, firstFence);
  for (const closing of closings) {
    const end = head.indexOf(closing);
    if (end >= 0) return answer.slice(end + closing.length).trimStart();
  }
  return answer;
}

/** Passes on the pieces of an answer as they come, without thinking that opens it. */
export class ThinkingFilter {
  readonly #emit: (text: string) => void;
  #held = '';
  #thought = false;
  /** What is waited for: the first word, the closing tag, or nothing more. */
  #state: { kind: 'opening' } | { kind: 'thinking'; closing: string } | { kind: 'answering' } = {
    kind: 'opening',
  };

  constructor(emit: (text: string) => void) {
    this.#emit = emit;
  }

  push(piece: string): void {
    if (this.#state.kind === 'answering') {
      this.#emit(piece);
      return;
    }
    this.#held += piece;
    while (this.#advance()) {
      // Each round consumes a tag or ends the waiting.
    }
  }

  /** Call once, after the last piece. */
  end(): void {
    if (this.#state.kind === 'opening') this.#answer();
  }

  /** True when there may be more to do with what is held. */
  #advance(): boolean {
    switch (this.#state.kind) {
      case 'answering':
        return false;
      case 'thinking':
        return this.#skipThinking(this.#state.closing);
      case 'opening':
        return this.#openOrAnswer();
    }
  }

  #skipThinking(closing: string): boolean {
    const end = this.#held.indexOf(closing);
    if (end < 0) {
      // Only the end may be the beginning of the closing tag.
      this.#held = this.#held.slice(1 - closing.length);
      return false;
    }
    this.#held = this.#held.slice(end + closing.length);
    this.#thought = true;
    this.#state = { kind: 'opening' };
    return true;
  }

  #openOrAnswer(): boolean {
    const opening = OPENING.exec(this.#held);
    if (opening !== null) {
      this.#held = this.#held.slice(opening[0].length);
      this.#state = { kind: 'thinking', closing: `</${opening[1]}>` };
      return true;
    }
    const start = this.#held.trimStart();
    const maybeTag = TAGS.some((tag) => `<${tag}>`.startsWith(start));
    if (!maybeTag) this.#answer();
    return false;
  }

  #answer(): void {
    const held = this.#thought ? this.#held.trimStart() : this.#held;
    this.#held = '';
    this.#state = { kind: 'answering' };
    if (held !== '') this.#emit(held);
  }
}
