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

const signal = () => new AbortController().signal;

describe('looking on loopback', () => {
  test('finds who serves models, in the order of the list, and leaves out everybody else', async () => {
    const [ollama, vllm] = await Promise.all([modelServer(['a:7b', 'b:1b']), modelServer([])]);
    const gone = await modelServer([]);
    await gone.close();
    const usual = [
      { name: 'web', url: await webServer('<html>hello</html>') },
      { name: 'sibling', url: await webServer('{"data":[{"id":"scaffold"}],"workers_alive":1}') },
      { name: 'ollama', url: ollama.url },
      { name: 'gone', url: gone.url },
      { name: 'mute', url: await webServer(undefined) },
      { name: 'vllm', url: vllm.url },
    ];
    expect(await findServers({ usual }, signal())).toEqual([
      { name: 'ollama', url: ollama.url, models: ['a:7b', 'b:1b'] },
      { name: 'vllm', url: vllm.url, models: [] },
    ]);
  });

  test('does not ask our own port', async () => {
    const own = await modelServer(['a']);
    const ownPort = Number(new URL(own.url).port);
    expect(
      await findServers({ usual: [{ name: 'own', url: own.url }], ownPort }, signal()),
    ).toEqual([]);
  });

  test('a mute server costs 300 ms', async () => {
    const usual = [{ name: 'mute', url: await webServer(undefined) }];
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
      { name: 'there', url: there.url },
      { name: 'gone', url: gone.url },
    ];
    expect(await findServers({ configured }, signal())).toEqual([
      { name: 'there', url: there.url, models: ['a'] },
      {
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
    const configured = [{ name: 'mute', url: await webServer(undefined) }];
    const controller = new AbortController();
    const found = findServers({ configured }, controller.signal);
    controller.abort(new Error('stopping'));
    await expect(found).rejects.toThrow('stopping');
  });
});
