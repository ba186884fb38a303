import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { afterEach, expect, it } from 'vitest';
import { runAgentctl } from '../../../scripts/agentctl/agentctl.ts';
import { createHost } from '../../support/agentctlHost.ts';

let server: Server | undefined;
afterEach(() => server?.close());

async function serve(answer: RequestListener): Promise<string> {
  server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
}

function problem(status: number, code: string, retryable: boolean): string {
  const words = { type: 'about:blank', title: 'T', detail: `it is ${code}`, instance: '/' };
  return JSON.stringify({ ...words, status, code, retryable });
}

it('a result that is refused for being asked too often is asked for again, when the service said', async () => {
  let asked = 0;
  const url = await serve(({ url: path = '' }, response) => {
    if (path.startsWith('/v1/stream/')) return response.writeHead(204).end();
    asked += 1;
    return asked === 1
      ? response.writeHead(429, { 'retry-after': '0' }).end(problem(429, 'too busy', true))
      : response.writeHead(404).end(problem(404, 'gone', false));
  });
  const { host, err } = createHost({ environment: { AGENTCTL_URL: url } });
  expect(await runAgentctl(['watch', 't1'], host)).toBe(5);
  expect(err()).toContain('it is too busy; asking for the result again in 0 ms\nerror: it is gone');
});
