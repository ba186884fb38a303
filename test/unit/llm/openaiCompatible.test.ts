import { afterEach, describe, expect, test } from 'vitest';
import {
  createOpenAiCompatible,
  type OpenAiCompatibleOptions,
} from '../../../lib/llm/adapters/openaiCompatible.ts';
import { generateRequest } from '../../support/generateRequest.ts';
import {
  type ScriptedAnswer,
  type ScriptedModelServer,
  type ScriptedModelServerOptions,
  startScriptedModelServer,
} from '../../support/scriptedModelServer.ts';

const started: ScriptedModelServer[] = [];
afterEach(async () => {
  await Promise.all(started.splice(0).map((server) => server.close()));
});

type Answers = ScriptedModelServerOptions['answers'];

async function serve(answers: Answers, options: Partial<OpenAiCompatibleOptions> = {}) {
  const server = await startScriptedModelServer({ answers, models: ['coder:7b', 'coder:14b'] });
  started.push(server);
  const fast = { retryPauseMs: 1, ...options };
  const provider = createOpenAiCompatible({ name: 'bench', url: server.url, ...fast });
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
    const provider = createOpenAiCompatible({ name: 'bench', url });
    expect((await provider.generate(generateRequest())).text).toBe('ok');
  });
});

describe('the answer', () => {
  test('usage is what the server reports', async () => {
    const usage = { prompt_tokens: 120, completion_tokens: 34 };
    const { provider } = await serve([{ text: 'x', usage }]);
    expect(await provider.generate(generateRequest())).toEqual({
      text: 'x',
      finish: 'stop',
      promptTokens: 120,
      generatedTokens: 34,
      estimated: false,
    });
  });

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

  test.each<[string, ScriptedAnswer]>([
    ['in a field of its own', { text: 'answer', reasoning: 'hmm' }],
    ['in tags', { text: '<think>\nhmm </think>\nanswer' }],
    ['in tags that come letter by letter', { text: '<think>hm</think>answer', pieceSize: 1 }],
  ])('thinking %s is not part of it', async (_, scripted) => {
    const { provider } = await serve([scripted]);
    let streamed = '';
    const request = generateRequest({ onText: (delta) => (streamed += delta) });
    expect((await provider.generate(request)).text).toBe('answer');
    expect(streamed).toBe('answer');
  });

  test('characters of several bytes survive the stream', async () => {
    const { provider } = await serve([{ text: 'häß 漢字 🦊 end', pieceSize: 1 }]);
    expect((await provider.generate(generateRequest())).text).toBe('häß 漢字 🦊 end');
  });

  test('an answer cut by max_tokens keeps its text', async () => {
    const { provider } = await serve([{ text: 'half an ans', finish: 'length' }]);
    const { text, finish } = await provider.generate(generateRequest());
    expect({ text, finish }).toEqual({ text: 'half an ans', finish: 'length' });
  });

  test('a cut connection keeps what has come', async () => {
    const { provider } = await serve([{ text: 'half an answer', ending: 'cut' }]);
    const { text, finish } = await provider.generate(generateRequest());
    expect({ text, finish }).toEqual({ text: 'half an answer', finish: 'disconnected' });
  });

  test('a server that falls silent in the middle loses the connection, not the text', async () => {
    const { provider, server } = await serve([{ text: 'half', ending: 'stall' }], {
      idleTimeoutMs: 200,
    });
    const { text, finish } = await provider.generate(generateRequest());
    expect({ text, finish }).toEqual({ text: 'half', finish: 'disconnected' });
    await expect.poll(() => server.requests[0]?.aborted).toBe(true);
  });

  test('a slow answer may take longer than the silence that is allowed', async () => {
    const slow = { text: 'x'.repeat(48), pieceDelayMs: 60 };
    const { provider } = await serve([slow], { idleTimeoutMs: 500 });
    expect(await provider.generate(generateRequest())).toMatchObject({
      finish: 'stop',
      text: slow.text,
    });
  });

  test('a server that writes without end is stopped', async () => {
    const { provider, server } = await serve([
      { text: 'x'.repeat(100_000), pieceSize: 50, pieceDelayMs: 1 },
    ]);
    const { text, finish } = await provider.generate(generateRequest({ maxTokens: 10 }));
    expect(finish).toBe('length');
    expect(text.length).toBeLessThan(1_000);
    await expect.poll(() => server.requests[0]?.aborted).toBe(true);
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

test('a listener that fails is not taken for a lost connection', async () => {
  const { provider, server } = await serve([{ text: 'x'.repeat(4_000), pieceDelayMs: 1 }]);
  const onText = () => {
    throw new TypeError('a bug in the listener');
  };
  await expect(provider.generate(generateRequest({ onText }))).rejects.toThrow(
    'a bug in the listener',
  );
  expect(server.requests.length).toBe(1);
  await expect.poll(() => server.requests[0]?.aborted).toBe(true);
});

describe('an abort', () => {
  test('reaches the server', async () => {
    const { provider, server } = await serve([{ text: 'x'.repeat(4_000), pieceDelayMs: 5 }]);
    const controller = new AbortController();
    const request = generateRequest({
      signal: controller.signal,
      onText: () => controller.abort(new Error('cancelled')),
    });
    await expect(provider.generate(request)).rejects.toThrow('cancelled');
    await expect.poll(() => server.requests[0]?.aborted).toBe(true);
  });

  test('ends the wait before the first piece', async () => {
    const { provider, server } = await serve([{ after: new Promise(() => undefined) }]);
    const controller = new AbortController();
    const answered = provider.generate(generateRequest({ signal: controller.signal }));
    await expect.poll(() => server.requests.length).toBe(1);
    controller.abort(new Error('cancelled'));
    await expect(answered).rejects.toThrow('cancelled');
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
