import { expect, test } from 'vitest';
import { createRemoteServer } from '../../../lib/llm/adapters/remoteServer.ts';
import { buildCatalog } from '../../../lib/llm/catalog.ts';
import type { FoundServer } from '../../../lib/llm/findServers.ts';
import { readCards } from '../../../lib/llm/readModelFiles.ts';
import { generateRequest } from '../../support/generateRequest.ts';
import { remoteBench } from '../../support/remoteBench.ts';
import { startScriptedModelServer } from '../../support/scriptedModelServer.ts';
import { scriptedProvider } from '../../support/scriptedProvider.ts';

const anthropic = remoteBench('anthropic');
const openai = remoteBench('openai');

test('Anthropic gets the key, the version, and the system text beside the messages', async () => {
  const { provider, server } = await anthropic.serve(['ok'], { apiKey: 'secret' });
  await provider.generate(generateRequest({ model: 'claude-x', maxTokens: 77 }));
  expect(server.requests[0]?.headers).toMatchObject({
    'x-api-key': 'secret',
    'anthropic-version': '2023-06-01',
  });
  expect(server.requests[0]?.body).toEqual({
    model: 'claude-x',
    max_tokens: 77,
    system: 'You write code.',
    messages: [{ role: 'user', content: 'Write adder.py.' }],
    stream: true,
  });
});

test('OpenAI gets nothing that its reasoning models refuse', async () => {
  const { provider, server } = await openai.serve(['ok'], { apiKey: 'secret' });
  await provider.generate(generateRequest({ maxTokens: 77 }));
  expect(server.requests[0]?.headers.authorization).toBe('Bearer secret');
  expect(server.requests[0]?.body).toMatchObject({ max_completion_tokens: 77, stream: true });
  expect(Object.keys(server.requests[0]?.body ?? {}).sort()).toEqual(
    ['max_completion_tokens', 'messages', 'model', 'stream', 'stream_options'].sort(),
  );
});

test("OpenAI's list is cut to the models that write", async () => {
  const { url, close } = await startScriptedModelServer({
    answers: [],
    models: [
      'gpt-5.2',
      'o4-mini',
      'text-embedding-3-large',
      'gpt-image-1',
      'gpt-4o-audio',
      'tts-1',
    ],
  });
  const provider = createRemoteServer({ kind: 'openai', name: 'openai', url });
  expect(await provider.listModels(AbortSignal.timeout(5_000))).toEqual(['gpt-5.2', 'o4-mini']);
  await close();
});

test('a cloud model is a candidate behind every model of the user', () => {
  const vendor: FoundServer = {
    name: 'anthropic',
    kind: 'anthropic',
    url: '',
    models: ['claude-x'],
  };
  const own: FoundServer = { name: 'vllm', kind: 'openai-compatible', url: '', models: ['mine'] };
  const provider = scriptedProvider(['x']);
  const { cards } = buildCatalog({
    servers: [vendor, own],
    cards: readCards(undefined),
    openServer: () => provider,
    scaffold: provider,
  });
  const preferences = cards.map(({ id, provider: by, preference }) => [id, by, preference]);
  expect(preferences).toEqual([
    ['claude-x', 'anthropic', 5],
    ['mine', 'openai-compatible', 10],
    ['scaffold', 'scaffold', 0],
  ]);
});
