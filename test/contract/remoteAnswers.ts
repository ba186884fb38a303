import { describe, expect, test } from 'vitest';
import type { ServerKind } from '../../lib/llm/dialects/dialectOf.ts';
import { generateRequest } from '../support/generateRequest.ts';
import { remoteBench } from '../support/remoteBench.ts';
import type { ScriptedAnswer } from '../support/scriptedModelServer.ts';

/** What every model behind HTTP promises of its answers. */
export function remoteAnswersContract(kind: ServerKind): void {
  const { serve } = remoteBench(kind);

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

    test('characters of several bytes survive the stream', async () => {
      const { provider } = await serve([{ text: 'häß 漢字 🦊 end', pieceSize: 1 }]);
      expect((await provider.generate(generateRequest())).text).toBe('häß 漢字 🦊 end');
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
}
