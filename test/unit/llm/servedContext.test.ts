import { expect, test } from 'vitest';
import { buildCatalog } from '../../../lib/llm/catalog.ts';
import { chatCompletions } from '../../../lib/llm/dialects/chatCompletions.ts';
import type { ModelProvider } from '../../../lib/llm/llm.ts';
import { modelCard } from '../../support/modelCard.ts';

const contextsIn = (...data: object[]) => chatCompletions.readContexts?.(JSON.stringify({ data }));

test('the context is what the server runs the model with, where its list tells it', () => {
  expect(
    contextsIn(
      { id: 'vllm', max_model_len: 16_384 },
      { id: 'llama', meta: { n_ctx: 4_096, n_ctx_train: 131_072 } },
      { id: 'older-llama', meta: { n_ctx_train: 131_072 } },
      { id: 'small', meta: { n_ctx_train: 2_048 } },
      { id: 'plain' },
      { id: 'odd', max_model_len: '16k', meta: 'x' },
    ),
  ).toEqual({ vllm: 16_384, llama: 4_096, small: 2_048 });
});

test('a card never has more context than its server gives, and a stranger as much as that', () => {
  const silent = {} as ModelProvider;
  const { cards } = buildCatalog({
    servers: [
      {
        ...{ name: 's', kind: 'openai-compatible', url: 'http://127.0.0.1:1/v1' },
        models: ['coder-7b', 'stranger', 'quiet'],
        contexts: { 'coder-7b': 8_192, stranger: 131_072 },
      },
    ],
    cards: [modelCard({ id: 'coder-7b', context_tokens: 32_768 })],
    openServer: () => silent,
    scaffold: silent,
  });
  expect(cards.map(({ id, context_tokens }) => [id, context_tokens])).toEqual([
    ['coder-7b', 8_192],
    ['stranger', 131_072],
    ['quiet', 32_768],
    ['scaffold', 1_000_000],
  ]);
});
