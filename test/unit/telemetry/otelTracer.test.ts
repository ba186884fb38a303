import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createTracer } from '../../../lib/telemetry/adapters/otelTracer.ts';
import type { Logger } from '../../../lib/telemetry/telemetry.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tracer-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function readSpans(path: string): Record<string, unknown>[] {
  return readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}

it('a span continues the trace of the traceparent that came with the message', async () => {
  const file = join(folder, 'logs', 'traces.jsonl');
  const tracer = createTracer({ service: 'worker', exporter: 'console', file });
  const parent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  const own = await tracer.span('run', { parent, attributes: { attempt: 2 } }, async (span) => {
    span.set({ verdict: 'verified' });
    return span.traceparent;
  });
  await tracer.close();
  expect(own).toMatch(/^00-0af7651916cd43dd8448eb211c80319c-[0-9a-f]{16}-01$/);
  expect(readSpans(file)).toEqual([
    {
      trace_id: '0af7651916cd43dd8448eb211c80319c',
      span_id: own.slice(36, 52),
      parent_span_id: 'b7ad6b7169203331',
      name: 'run',
      service: 'worker',
      start: expect.any(String),
      duration_ms: expect.any(Number),
      status: 'unset',
      attributes: { attempt: 2, verdict: 'verified' },
      events: [],
    },
  ]);
});

it('spans of concurrent work keep their own parents', async () => {
  const tracer = createTracer({ service: 'worker', exporter: 'none' });
  const family = (): Promise<[string, string]> =>
    tracer.span('outer', {}, async (outer) => {
      await new Promise((resolve) => setImmediate(resolve));
      return tracer.span('inner', {}, async (inner) => [outer.traceId, inner.traceId]);
    });
  const [first, second] = await Promise.all([family(), family()]);
  expect(first[0]).toBe(first[1]);
  expect(second[0]).toBe(second[1]);
  expect(first[0]).not.toBe(second[0]);
});

it.each([
  'garbage',
  '00-00000000000000000000000000000000-b7ad6b7169203331-01',
  'ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-extra',
])('the unusable traceparent %j starts a new trace', async (parent) => {
  const tracer = createTracer({ service: 'api', exporter: 'none' });
  const traceId = await tracer.span('run', { parent }, async (span) => span.traceId);
  expect(traceId).toMatch(/^(?!0{32})[0-9a-f]{32}$/);
  expect(traceId).not.toBe('0af7651916cd43dd8448eb211c80319c');
});

it('an error is recorded without its secrets and reaches the caller', async () => {
  const file = join(folder, 'traces.jsonl');
  const tracer = createTracer({ service: 'api', exporter: 'console', file });
  const failing = tracer.span('run', {}, async () => {
    throw new Error('no way to postgres://agent:hunter2@localhost/agent');
  });
  await expect(failing).rejects.toThrow('hunter2');
  await tracer.flush();
  const [span] = readSpans(file);
  expect(span).toMatchObject({ status: 'error', events: [{ name: 'exception' }] });
  expect(JSON.stringify(span)).not.toContain('hunter2');
});

it('spans reach a collector that speaks OTLP over HTTP', async () => {
  const received: { path: string | undefined; body: string }[] = [];
  const collector = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    received.push({ path: request.url, body: Buffer.concat(chunks).toString() });
    response.setHeader('content-type', 'application/json').end('{}');
  });
  await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve));
  const { port } = collector.address() as AddressInfo;
  const otlpEndpoint = `http://127.0.0.1:${port}/`;
  const tracer = createTracer({ service: 'api', exporter: 'otlp', otlpEndpoint });
  await tracer.span('submit', {}, async () => undefined);
  await tracer.close();
  collector.closeAllConnections();
  collector.close();
  expect(received[0]?.path).toBe('/v1/traces');
  expect(received[0]?.body).toContain('"submit"');
});

it('spans that cannot be written are reported once and never fail the work', async () => {
  const warnings: string[] = [];
  const silent = (): void => undefined;
  const logger: Logger = {
    debug: silent,
    info: silent,
    error: silent,
    warn: (message) => warnings.push(message),
    with: () => logger,
  };
  const tracer = createTracer({ service: 'api', exporter: 'console', file: '/dev/null/x', logger });
  for (const answer of [1, 2]) {
    expect(await tracer.span('run', {}, async () => answer)).toBe(answer);
    await tracer.flush();
  }
  await tracer.close();
  expect(warnings).toEqual(['spans could not be exported; they are dropped']);
});
