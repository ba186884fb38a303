import { describe, expect, test } from 'vitest';
import { buildCatalog } from '../../../lib/llm/catalog.ts';
import type { FoundServer } from '../../../lib/llm/findServers.ts';
import type { GenerateRequest, ModelProvider } from '../../../lib/llm/llm.ts';
import { readCards } from '../../../lib/llm/readModelFiles.ts';
import { ModelCard } from '../../../lib/models/card.ts';
import { generateRequest } from '../../support/generateRequest.ts';

const asked: GenerateRequest[] = [];
const ANSWER = {
  text: 'x',
  finish: 'stop',
  promptTokens: 1,
  generatedTokens: 1,
  estimated: false,
} as const;

function provider(name: string): ModelProvider {
  return {
    name,
    llm: true,
    goalAddressed: true,
    generate: (request) => {
      asked.push(request);
      return Promise.resolve(ANSWER);
    },
  };
}

function catalog(servers: FoundServer[], recordedGoal?: string) {
  const replay = { ...provider('replay'), hasAnswerFor: (goal: string) => goal === recordedGoal };
  return buildCatalog({
    servers,
    cards: readCards(undefined),
    openServer: ({ name }) => provider(name),
    scaffold: provider('scaffold'),
    replay: recordedGoal === undefined ? undefined : replay,
  });
}

const OLLAMA: FoundServer = {
  name: 'ollama',
  kind: 'ollama',
  url: 'http://127.0.0.1:11434',
  models: ['qwen2.5-coder:7b', 'mystery:3b', 'nomic-embed-text:latest'],
};

describe('the catalog', () => {
  test('knows served models by their cards and offers strangers with a low preference', () => {
    const { cards } = catalog([OLLAMA]);
    expect(
      cards.map(({ id, server, preference, licence }) => ({ id, server, preference, licence })),
    ).toEqual([
      { id: 'qwen2.5-coder-7b', server: 'ollama', preference: 40, licence: 'Apache-2.0' },
      { id: 'mystery:3b', server: 'ollama', preference: 10, licence: 'unknown' },
      { id: 'scaffold', server: undefined, preference: 0, licence: 'MIT' },
    ]);
  });

  test('asks a server for a model by the name that the server gave it', async () => {
    const { providerFor } = catalog([OLLAMA]);
    await providerFor('qwen2.5-coder-7b').generate(generateRequest({ model: 'qwen2.5-coder-7b' }));
    expect(asked.at(-1)?.model).toBe('qwen2.5-coder:7b');
    expect(providerFor('qwen2.5-coder-7b')).toMatchObject({ name: 'ollama', llm: true });
  });

  test('the same model twice gets two ids', () => {
    const models = ['qwen2.5-coder:7b', 'qwen2.5-coder:7b-instruct-q8_0', 'x'];
    const { cards, has } = catalog([
      { ...OLLAMA, models },
      { ...OLLAMA, name: 'vllm', models: ['Qwen/Qwen2.5-Coder-7B-Instruct', 'x', 'scaffold'] },
    ]);
    expect(cards.map(({ id }) => id)).toEqual([
      'qwen2.5-coder-7b',
      'qwen2.5-coder:7b-instruct-q8_0@ollama',
      'x',
      'Qwen/Qwen2.5-Coder-7B-Instruct@vllm',
      'x@vllm',
      'scaffold@vllm',
      'scaffold',
    ]);
    expect(has('x@vllm')).toBe(true);
  });

  test('a recording is a candidate for its own goal only', () => {
    const { candidatesFor } = catalog([], 'Add two numbers.');
    const ids = (goal: string) => candidatesFor(goal).map(({ id }) => id);
    expect(ids('Add two numbers.')).toEqual(['replay', 'scaffold']);
    expect(ids('Something else.')).toEqual(['scaffold']);
  });

  test('a model that nobody serves cannot be called', () => {
    const { has, providerFor } = catalog([]);
    expect(has('qwen2.5-coder-7b')).toBe(false);
    expect(() => providerFor('qwen2.5-coder-7b')).toThrow(
      'no model qwen2.5-coder-7b can be called',
    );
  });

  test('every card is a good card, even for a name of 300 characters', () => {
    const { cards } = catalog([{ ...OLLAMA, models: ['y'.repeat(300), 'y'.repeat(301)] }], 'goal');
    for (const card of cards) expect(ModelCard.parse(card)).toEqual(card);
    expect(new Set(cards.map(({ id }) => id)).size).toBe(4);
  });
});
