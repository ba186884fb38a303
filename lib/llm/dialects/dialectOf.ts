import type { Dialect } from '../remote/dialect.ts';
import { anthropicDialect } from './anthropic.ts';
import { chatCompletions, openAiCloud } from './chatCompletions.ts';
import { ollamaDialect } from './ollama.ts';

/** Kinds of servers; a model card names them as its provider. */
export type ServerKind = 'openai-compatible' | 'ollama' | 'anthropic' | 'openai';

const DIALECTS: Record<ServerKind, Dialect> = {
  'openai-compatible': chatCompletions,
  ollama: ollamaDialect,
  anthropic: anthropicDialect,
  openai: openAiCloud,
};

export function dialectOf(kind: ServerKind): Dialect {
  return DIALECTS[kind];
}
