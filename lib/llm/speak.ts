import { setImmediate as nextTurn } from 'node:timers/promises';
import type { GenerateRequest } from './llm.ts';

/** Streams a text that is there already. Between two pieces others may run, and an abort ends it. */
export async function speak(
  pieces: readonly string[],
  { signal, onText }: Pick<GenerateRequest, 'signal' | 'onText'>,
): Promise<void> {
  for (const piece of pieces) {
    signal.throwIfAborted();
    onText(piece);
    await nextTurn();
  }
  signal.throwIfAborted();
}

/** The text in pieces of at most `size` characters, none of which cuts a character in two. */
export function inPieces(text: string, size: number): string[] {
  const characters = [...text];
  const pieces: string[] = [];
  for (let at = 0; at < characters.length; at += size) {
    pieces.push(characters.slice(at, at + size).join(''));
  }
  return pieces;
}
