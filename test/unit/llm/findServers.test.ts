import { createServer } from 'node:http';
import { afterEach, describe, expect, test } from 'vitest';
import { findServers } from '../../../lib/llm/findServers.ts';
import {
  type ScriptedModelServer,
  startScriptedModelServer,
} from '../../support/scriptedModelServer.ts';

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
});

async function modelServer(models: string[]): Promise<ScriptedModelServer> {
  const server = await startScriptedModelServer({ answers: [], models });
  closing.push(server.close);
  return server;
}

/** A web server that is no model server; `body` undefined: it never answers. */
async function webServer(body: string | undefined): Promise<string> {
  const server = createServer((_, response) =>
    body === undefined ? undefined : response.end(body),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(
    () =>
      new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      }),
  );
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/v1`;
}

const COMPATIBLE = { kind: 'openai-compatible' } as const;
const signal = () => new AbortController().signal;

describe('looking on loopback', () => {
  test('finds who serves models, in the order of the list, and leaves out everybody else', async () => {
    const [ollama, vllm] = await Promise.all([modelServer(['a:7b', 'b:1b']), modelServer([])]);
    const gone = await modelServer([]);
    await gone.close();
    const usual = [
      { ...COMPATIBLE, name: 'web', url: await webServer('<html>hello</html>') },
      {
        ...COMPATIBLE,
        name: 'sibling',
        url: await webServer('{"data":[{"id":"scaffold"}],"workers_alive":1}'),
      },
      { ...COMPATIBLE, name: 'ollama', url: ollama.url },
      { ...COMPATIBLE, name: 'gone', url: gone.url },
      { ...COMPATIBLE, name: 'mute', url: await webServer(undefined) },
      { ...COMPATIBLE, name: 'vllm', url: vllm.url },
    ];
    expect(await findServers({ usual }, signal())).toEqual([
      { ...COMPATIBLE, name: 'ollama', url: ollama.url, models: ['a:7b', 'b:1b'] },
      { ...COMPATIBLE, name: 'vllm', url: vllm.url, models: [] },
    ]);
  });

  test('does not ask our own port', async () => {
    const own = await modelServer(['a']);
    const ownPort = Number(new URL(own.url).port);
    expect(
      await findServers(
        { usual: [{ ...COMPATIBLE, name: 'own', url: own.url }], ownPort },
        signal(),
      ),
    ).toEqual([]);
  });

  test('a mute server costs 300 ms', async () => {
    const usual = [{ ...COMPATIBLE, name: 'mute', url: await webServer(undefined) }];
    const started = performance.now();
    await findServers({ usual }, signal());
    const took = performance.now() - started;
    expect(took).toBeGreaterThanOrEqual(290);
    expect(took).toBeLessThan(2_000);
  });
});

describe('configured servers', () => {
  test('are asked instead, and one that does not answer comes back with its problem', async () => {
    const there = await modelServer(['a']);
    const gone = await modelServer([]);
    await gone.close();
    const configured = [
      { ...COMPATIBLE, name: 'there', url: there.url },
      { ...COMPATIBLE, name: 'gone', url: gone.url },
    ];
    expect(await findServers({ configured }, signal())).toEqual([
      { ...COMPATIBLE, name: 'there', url: there.url, models: ['a'] },
      {
        ...COMPATIBLE,
        name: 'gone',
        url: gone.url,
        models: [],
        problem: `cannot reach model server gone at ${gone.url}: ECONNREFUSED`,
      },
    ]);
  });

  test('an empty list means none', async () => {
    expect(await findServers({ configured: [] }, signal())).toEqual([]);
  });

  test('an abort ends the look with its reason', async () => {
    const configured = [{ ...COMPATIBLE, name: 'mute', url: await webServer(undefined) }];
    const controller = new AbortController();
    const found = findServers({ configured }, controller.signal);
    controller.abort(new Error('stopping'));
    await expect(found).rejects.toThrow('stopping');
  });
});

test('Ollama is asked in its own words', async () => {
  const ollama = await modelServer(['qwen2.5-coder:7b']);
  const url = ollama.url.replace('/v1', '');
  const configured = [{ name: 'mine', kind: 'ollama', url } as const];
  expect(await findServers({ configured }, signal())).toEqual([
    { name: 'mine', kind: 'ollama', url, models: ['qwen2.5-coder:7b'] },
  ]);
  expect(ollama.listed).toEqual(['/api/tags']);
});

test('a vendor is asked besides, and its key is sent to nobody else', async () => {
  const [near, vendor] = await Promise.all([modelServer(['a']), modelServer(['claude-x'])]);
  const far = { name: 'anthropic', kind: 'anthropic', url: vendor.url, apiKey: 'secret' } as const;
  const configured = [{ ...COMPATIBLE, name: 'near', url: near.url }];
  const found = await findServers({ configured, cloud: [far] }, signal());
  expect(found.map(({ name, models }) => [name, models])).toEqual([
    ['near', ['a']],
    ['anthropic', ['claude-x']],
  ]);
  expect(near.listHeaders[0]).not.toHaveProperty('x-api-key');
  expect(vendor.listHeaders[0]).toMatchObject({ 'x-api-key': 'secret' });
});
