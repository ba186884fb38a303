import { createServer } from 'node:http';
import { describe, expect, test } from 'vitest';
import { createRemoteServer } from '../../lib/llm/adapters/remoteServer.ts';
import type { ServerKind } from '../../lib/llm/dialects/dialectOf.ts';
import { generateRequest } from '../support/generateRequest.ts';
import { pieceOf } from '../support/modelSpeech.ts';
import { remoteBench } from '../support/remoteBench.ts';
import { type ScriptedAnswer, startScriptedModelServer } from '../support/scriptedModelServer.ts';

/** What every model behind HTTP promises when its server is busy, broken or something else. */
export function remoteFaultsContract(kind: ServerKind): void {
  const brokenFrame = pieceOf(kind, 'x').trimEnd().slice(0, -4);
  const { serve, serveEndless } = remoteBench(kind);

  describe('what may pass is tried again', () => {
    test.each([429, 502, 503, 504])('status %i, then an answer', async (status) => {
      const { provider, server } = await serve([{ status }, { status }, 'ok']);
      expect((await provider.generate(generateRequest())).text).toBe('ok');
      expect(server.requests.length).toBe(3);
    });

    test('a busy server is asked four times, then its message is passed on', async () => {
      const { provider, server } = await serve([{ status: 503, error: 'loading model' }]);
      await expect(provider.generate(generateRequest())).rejects.toMatchObject({
        name: 'ModelError',
        kind: 'http',
        status: 503,
        message: 'the model server answered 503: loading model',
      });
      expect(server.requests.length).toBe(4);
    });

    test('Retry-After is honoured', async () => {
      const { provider } = await serve([{ status: 429, headers: { 'retry-after': '1' } }, 'ok']);
      const asked = performance.now();
      await provider.generate(generateRequest());
      expect(performance.now() - asked).toBeGreaterThanOrEqual(990);
    });

    test('a server that wants an hour of peace is not waited for', async () => {
      const { provider, server } = await serve([
        { status: 429, headers: { 'retry-after': '3600' } },
      ]);
      await expect(provider.generate(generateRequest())).rejects.toMatchObject({ status: 429 });
      expect(server.requests.length).toBe(1);
    });

    test('an abort ends the waiting', async () => {
      const { provider, server } = await serve([{ status: 429, headers: { 'retry-after': '30' } }]);
      const controller = new AbortController();
      const answered = provider.generate(generateRequest({ signal: controller.signal }));
      await expect.poll(() => server.requests.length).toBe(1);
      controller.abort(new Error('cancelled'));
      await expect(answered).rejects.toThrow('cancelled');
    });

    test('a connection that is lost before the first word', async () => {
      const { provider, server } = await serve([{ text: '', ending: 'cut' }, 'ok']);
      expect((await provider.generate(generateRequest())).text).toBe('ok');
      expect(server.requests.length).toBe(2);
    });
  });

  describe('what will not pass is said at once', () => {
    test('a server that is not there', async () => {
      const gone = await startScriptedModelServer({ answers: [] });
      await gone.close();
      const provider = createRemoteServer({ kind, name: 'gone', url: gone.url, retryPauseMs: 1 });
      await expect(provider.generate(generateRequest())).rejects.toMatchObject({
        kind: 'connect',
        message: `cannot reach model server gone at ${gone.url}: ECONNREFUSED`,
      });
    });

    test.each([400, 401, 404, 500])('status %i is not tried again', async (status) => {
      const { provider, server } = await serve([{ status, error: 'no' }]);
      await expect(provider.generate(generateRequest())).rejects.toMatchObject({
        kind: 'http',
        status,
      });
      expect(server.requests.length).toBe(1);
    });

    test.each([
      [
        400,
        "This model's maximum context length is 4096 tokens. However, you requested 9000 tokens",
      ],
      [400, 'the request exceeds the available context size, try increasing it'],
      [500, 'input is larger than the context window'],
    ])('status %i "%s" is a context overflow', async (status, error) => {
      const { provider, server } = await serve([{ status, error }]);
      await expect(provider.generate(generateRequest())).rejects.toMatchObject({
        kind: 'context_overflow',
        status,
      });
      expect(server.requests.length).toBe(1);
    });

    test('silence before the first piece is a timeout', async () => {
      const silent = [{ after: new Promise(() => undefined) }];
      const { provider } = await serve(silent, { idleTimeoutMs: 100 });
      await expect(provider.generate(generateRequest())).rejects.toMatchObject({
        kind: 'timeout',
        message: 'model server bench was silent for 0.1 s',
      });
    });

    test('a frame without a word and then silence is one too', async () => {
      const { provider } = await serve([{ text: '', ending: 'stall' }], { idleTimeoutMs: 100 });
      await expect(provider.generate(generateRequest())).rejects.toMatchObject({ kind: 'timeout' });
    });

    test('a redirect off the server is not followed', async () => {
      const { provider } = await serve(
        [{ status: 302, headers: { location: 'http://127.0.0.1:1/' } }],
        {
          retries: 0,
        },
      );
      await expect(provider.generate(generateRequest())).rejects.toMatchObject({ kind: 'connect' });
    });
  });

  describe('a server that does not keep the protocol', () => {
    test.each<[string, ScriptedAnswer]>([
      [
        'an error object with status 200',
        { raw: '{"error":{"message":"boom"}}', contentType: 'application/json' },
      ],
      ['an HTML page', { raw: '<html>Welcome</html>', contentType: 'text/html' }],
      ['an empty stream', { raw: '' }],
      ['a stream of something else', { raw: 'hello\nworld\n\n' }],
      ['a frame that is no JSON', { raw: `${brokenFrame}\n\n` }],
      ['a frame of another shape', { raw: pieceOf(kind, 'x').replace(/\{.*\}/, '{"hello":1}') }],
      [
        'an error in the stream',
        { raw: pieceOf(kind, 'x').replace(/\{.*\}/, '{"error":"no memory"}') },
      ],
      ['JSON that is no object', { raw: 'null', contentType: 'application/json' }],
    ])('%s is a protocol error', async (_, answer) => {
      const { provider, server } = await serve([answer]);
      await expect(provider.generate(generateRequest())).rejects.toMatchObject({
        name: 'ModelError',
        kind: 'protocol',
      });
      expect(server.requests.length).toBe(1);
    });
  });

  describe('a server that never ends', () => {
    test('is left once a page has grown beyond any answer', async () => {
      const { provider, server } = await serveEndless('text/html', '<p>and more</p>');
      await expect(provider.generate(generateRequest())).rejects.toMatchObject({
        kind: 'protocol',
      });
      await expect.poll(() => server.gone()).toBe(true);
    });

    test('is left when it streams pieces without a word', async () => {
      const { provider, server } = await serveEndless(undefined, pieceOf(kind, ''));
      const { finish } = await provider.generate(generateRequest({ maxTokens: 1 }));
      expect(finish).toBe('length');
      await expect.poll(() => server.gone()).toBe(true);
    });
  });

  test('a list of models of another shape is a protocol error', async () => {
    const server = createServer((_, response) => response.end('{"names":[]}'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const provider = createRemoteServer({ kind, name: 'other', url: `http://127.0.0.1:${port}` });
    await expect(provider.listModels(AbortSignal.timeout(5_000))).rejects.toMatchObject({
      kind: 'protocol',
    });
    await new Promise((resolve) => server.close(resolve));
  });
}
