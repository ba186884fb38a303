import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import { findServers } from '../../../lib/llm/findServers.ts';
import { troublesOf } from '../../../lib/llm/troublesOf.ts';

const running: Server[] = [];
afterEach(() => {
  for (const server of running.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function serve(body: string | undefined): Promise<string> {
  const server = createServer((_, response) => {
    if (body !== undefined) response.end(body);
  }).listen(0, '127.0.0.1');
  running.push(server);
  await once(server, 'listening');
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
}

test('each server that is away, hangs or is none is named with what was wrong; one that answers is not', async () => {
  const configured = [
    { name: 'good', url: await serve('{"data":[{"id":"coder"}]}') },
    { name: 'page', url: await serve(`<html>${'x'.repeat(400)}</html>`) },
    { name: 'silent', url: await serve(undefined) },
    { name: 'dead', url: 'http://127.0.0.1:2' },
  ].map((server) => ({ ...server, kind: 'openai-compatible' as const }));
  const found = await findServers({ configured }, new AbortController().signal);
  const troubles = troublesOf(found);
  expect(troubles).toEqual([
    { server: 'page', problem: expect.stringMatching(/^not an answer of .*<html>x+\.\.\.$/) },
    { server: 'silent', problem: 'no answer in 2000 ms' },
    { server: 'dead', problem: expect.stringContaining('http://127.0.0.1:2') },
  ]);
  for (const { problem } of troubles) expect(problem.length).toBeLessThan(210);
});

test('a password in an address is not told', () => {
  const url = 'http://me:hunter2@127.0.0.1:2/v1';
  const server = { name: 'a', kind: 'openai-compatible' as const, url, models: [] };
  expect(troublesOf([{ ...server, problem: `cannot reach ${url}: ECONNREFUSED` }])).toEqual([
    { server: 'a', problem: 'cannot reach http://127.0.0.1:2/v1: ECONNREFUSED' },
  ]);
});
