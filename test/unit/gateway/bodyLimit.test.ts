import { expect, test } from 'vitest';
import { bufferedRoute, send, sendRaw, testGateway } from '../../support/gateway.ts';

const SIX_MIB = 6 * 1024 * 1024;
const ok = async () => ({ statusCode: 200, body: '{}' });

test('a body of 6 MiB passes, one byte more gives 413 from the gateway', async () => {
  const sizes: number[] = [];
  const handler = async ({ body }: { body: string | null }) => {
    sizes.push(body?.length ?? 0);
    return { statusCode: 200, body: '' };
  };
  const { url } = await testGateway([bufferedRoute(handler, { method: 'POST' })]);
  const post = (size: number) => send(url, '/', { method: 'POST', body: Buffer.alloc(size, 'x') });
  expect((await post(SIX_MIB)).status).toBe(200);
  const refused = await post(SIX_MIB + 1);
  expect(refused.status).toBe(413);
  expect(JSON.parse(refused.body)).toMatchObject({ code: 'body_too_large', retryable: false });
  expect(sizes).toEqual([SIX_MIB]);
});

test('a chunked body is refused as soon as it passes 6 MiB', async () => {
  const { port } = await testGateway([bufferedRoute(ok, { method: 'POST' })]);
  const head = 'POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n';
  const chunk = `${(SIX_MIB + 1).toString(16)}\r\n${'x'.repeat(SIX_MIB + 1)}\r\n0\r\n\r\n`;
  expect(await sendRaw(port, head + chunk)).toMatch(/^HTTP\/1.1 413 .*"status":413/s);
});

test('a client that leaves in the middle of its upload calls no handler', async () => {
  let calls = 0;
  const handler = async () => {
    calls += 1;
    return { statusCode: 200 };
  };
  const gateway = await testGateway([bufferedRoute(handler, { method: 'POST' })]);
  const aborted = new AbortController();
  const body = new ReadableStream({
    pull(controller) {
      controller.enqueue(new Uint8Array(10));
      queueMicrotask(() => aborted.abort());
    },
  });
  const upload = fetch(gateway.url, {
    method: 'POST',
    body,
    duplex: 'half',
    signal: aborted.signal,
  });
  await expect(upload).rejects.toThrow('abort');
  await gateway.close();
  expect(calls).toBe(0);
});
