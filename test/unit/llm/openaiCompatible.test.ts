import { afterEach, describe, expect, test } from 'vitest';
import { createRemoteServer } from '../../../lib/llm/adapters/remoteServer.ts';
import type { RemoteOptions } from '../../../lib/llm/remote/remoteProvider.ts';
import { generateRequest } from '../../support/generateRequest.ts';
import {
  type ScriptedModelServer,
  type ScriptedModelServerOptions,
  startScriptedModelServer,
} from '../../support/scriptedModelServer.ts';

const started: ScriptedModelServer[] = [];
afterEach(async () => {
  await Promise.all(started.splice(0).map((server) => server.close()));
});

type Answers = ScriptedModelServerOptions['answers'];

async function serve(answers: Answers, options: Partial<RemoteOptions> = {}) {
  const server = await startScriptedModelServer({ answers, models: ['coder:7b', 'coder:14b'] });
  started.push(server);
  const fast = { retryPauseMs: 1, ...options };
  const provider = createRemoteServer({
    kind: 'openai-compatible',
    name: 'bench',
    url: server.url,
    ...fast,
  });
  return { server, provider };
}

describe('the request', () => {
  test('carries model, messages, limits and seed, streams and asks for usage', async () => {
    const { server, provider } = await serve(['ok'], { apiKey: 'secret' });
    await provider.generate(
      generateRequest({ model: 'm', maxTokens: 77, temperature: 0.5, seed: 9 }),
    );
    expect(server.requests[0]?.body).toMatchObject({
      model: 'm',
      max_tokens: 77,
      temperature: 0.5,
      seed: 9,
      stream: true,
      stream_options: { include_usage: true },
      messages: [{ role: 'system' }, { role: 'user', content: 'Write adder.py.' }],
    });
    expect(server.requests[0]?.headers.authorization).toBe('Bearer secret');
  });

  test('a base without /v1 means the same server', async () => {
    const { server } = await serve(['ok']);
    const url = server.url.replace(/\/v1$/, '/');
    const provider = createRemoteServer({ kind: 'openai-compatible', name: 'bench', url });
    expect((await provider.generate(generateRequest())).text).toBe('ok');
  });
});

describe('the answer', () => {
  test('without usage, tokens are estimated at four characters and said to be', async () => {
    const { provider } = await serve([
      { text: 'x'.repeat(40), reasoning: 'y'.repeat(20), usage: null },
    ]);
    const messages = [{ role: 'user' as const, content: 'z'.repeat(10) }];
    expect(await provider.generate(generateRequest({ messages }))).toMatchObject({
      promptTokens: 3,
      generatedTokens: 15,
      estimated: true,
    });
  });

  test('a server that ignores "stream" answers in one piece', async () => {
    const message = { role: 'assistant', content: 'whole' };
    const raw = JSON.stringify({ choices: [{ message, finish_reason: 'stop' }] });
    const { provider } = await serve([{ raw, contentType: 'application/json' }]);
    expect((await provider.generate(generateRequest())).text).toBe('whole');
  });

  test('comments and frames without choices are passed over', async () => {
    const raw = [
      ': ping',
      'data: {"choices":[{"delta":{"role":"assistant"}}]}',
      'data: {"choices":[],"usage":null}',
      'data: {"choices":[{"delta":{"content":"ok"},"finish_reason":"stop"}]}',
      'data: [DONE]',
    ].join('\n\n');
    const { provider } = await serve([{ raw: `${raw}\n\n` }]);
    expect((await provider.generate(generateRequest())).text).toBe('ok');
  });
});

describe('the list of models', () => {
  test('holds the names that the server serves', async () => {
    const { provider } = await serve([]);
    expect(await provider.listModels(AbortSignal.timeout(5_000))).toEqual([
      'coder:7b',
      'coder:14b',
    ]);
  });
});
