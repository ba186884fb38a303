import type { GenerateRequest } from '../llm.ts';

/** A token is about four characters of code. */
const CHARACTERS_PER_TOKEN = 4;

export function estimateTokens(characters: number): number {
  return Math.ceil(characters / CHARACTERS_PER_TOKEN);
}

/** In characters. */
export function promptLength({ messages }: Pick<GenerateRequest, 'messages'>): number {
  return messages.reduce((sum, { content }) => sum + content.length, 0);
}
