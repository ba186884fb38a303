import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ConfigError, loadConfig } from '../../../lib/config/config.ts';
import { Variables } from '../../../lib/config/variables.ts';

function flawsOf(environment: Record<string, string>): string[] {
  try {
    loadConfig(environment);
  } catch (error) {
    if (error instanceof ConfigError) return error.flaws;
    throw error;
  }
  return [];
}

test('no variable at all gives one machine on loopback with open reads', () => {
  expect(loadConfig({})).toMatchObject({
    profile: 'embedded',
    host: '127.0.0.1',
    port: 8080,
    apiKeys: ['dev-local'],
    readAccess: 'open',
    awsEndpointUrl: 'http://127.0.0.1:4566',
    agentHome: resolve('.agent'),
    cacheDir: resolve('.agent/caches'),
    workspaceRoot: resolve('workspace'),
    modelServers: undefined,
    cloudModels: [],
  });
});

test('an empty value counts as unset', () => {
  expect(loadConfig({ PORT: '' }).port).toBe(8080);
});

test('every flaw is told at once, by the name of its variable', () => {
  const flaws = flawsOf({
    PORT: 'eighty',
    LEASE_MS: '5',
    PROFILE: 'cloud',
    DATABASE_URL: 'mysql://x',
  });
  expect(flaws.map((flaw) => flaw.split(':')[0]).toSorted()).toEqual([
    'DATABASE_URL',
    'LEASE_MS',
    'PORT',
    'PROFILE',
  ]);
});

test('a flawed variable hides no flaw of another one, and is shown as it was given', () => {
  expect(flawsOf({ PORT: 'eighty', MODEL_SERVERS: 'foo', API_KEY: ',' })).toEqual([
    'PORT: must be a number, not "eighty"',
    'API_KEY: it holds no key; unset it, or put a key there',
    'MODEL_SERVERS: "foo" is not name=http://host:port/v1',
  ]);
});

test('an address, which may hold a password, is not repeated', () => {
  expect(flawsOf({ DATABASE_URL: 'mysql://agent:hunter2@db/agent' })).toEqual([
    'DATABASE_URL: must look like postgresql://user:password@host:5432/name',
  ]);
});

test('the development key is refused where others could reach the service', () => {
  expect(flawsOf({ HOST: '0.0.0.0' })).toEqual([expect.stringContaining('API_KEY')]);
  expect(flawsOf({ HOST: '0.0.0.0', API_KEY: 'a-secret' })).toEqual([]);
  expect(
    flawsOf({ PROFILE: 'aws', API_KEY: 'dev-local', DATABASE_URL: 'postgres://db/agent' }),
  ).toEqual([expect.stringContaining('dev-local')]);
});

test('reads need the key as soon as others could reach the service', () => {
  expect(loadConfig({ HOST: '0.0.0.0', API_KEY: 'a-secret' }).readAccess).toBe('key');
});

test('several keys may be valid at once, for rotation', () => {
  expect(loadConfig({ API_KEY: 'old, new' }).apiKeys).toEqual(['old', 'new']);
});

test('model servers are named, and a malformed one is refused', () => {
  expect(
    loadConfig({ MODEL_SERVERS: 'a=http://127.0.0.1:1/v1,b=ollama:http://127.0.0.1:2' })
      .modelServers,
  ).toEqual([
    { name: 'a', kind: 'openai-compatible', url: 'http://127.0.0.1:1/v1' },
    { name: 'b', kind: 'ollama', url: 'http://127.0.0.1:2' },
  ]);
  expect(flawsOf({ MODEL_SERVERS: 'localhost:8000' })).toEqual([
    expect.stringContaining('name=http://host:port/v1'),
  ]);
});

describe('nothing leaves the machine', () => {
  const KEYS = { ANTHROPIC_API_KEY: 'a-key', OPENAI_API_KEY: 'o-key' };

  test('for a vendor, as long as only its key is there', () => {
    expect(loadConfig(KEYS).cloudModels).toEqual([]);
    expect(loadConfig({ ...KEYS, ALLOW_CLOUD: '0' }).cloudModels).toEqual([]);
    expect(loadConfig({ ALLOW_CLOUD: '1' }).cloudModels).toEqual([]);
  });

  test('but for the vendors whose key is there, once ALLOW_CLOUD says so', () => {
    expect(loadConfig({ OPENAI_API_KEY: 'o-key', ALLOW_CLOUD: '1' }).cloudModels).toEqual([
      { name: 'openai', kind: 'openai', url: 'https://api.openai.com/v1', apiKey: 'o-key' },
    ]);
    expect(loadConfig({ ...KEYS, ALLOW_CLOUD: '1' }).cloudModels.map(({ name }) => name)).toEqual([
      'anthropic',
      'openai',
    ]);
  });

  test.each([
    'http://localhost:1',
    'http://127.0.0.2:1',
    'http://[::1]:1',
    'http://192.168.1.7:1',
    'http://10.0.0.7:1',
    'http://172.31.0.1:1',
    'http://gpu-box:1',
    'http://gpu.lan:1',
  ])('a model server at %s is near', (url) => {
    expect(loadConfig({ MODEL_SERVERS: `a=${url}` }).modelServers).toHaveLength(1);
  });

  test.each([
    'https://api.example.com/v1',
    'http://8.8.8.8:1',
    'http://172.32.0.1:1',
    'http://10.example.com',
    'http://[2001:db8::1]:1',
  ])('a model server at %s is not', (url) => {
    expect(flawsOf({ MODEL_SERVERS: `a=${url}` })).toEqual([
      'MODEL_SERVERS: a is outside this machine and its network; ALLOW_CLOUD=1 lets code go there',
    ]);
    const allowed = loadConfig({ MODEL_SERVERS: `a=${url}`, ALLOW_CLOUD: '1' });
    expect(allowed.modelServers).toHaveLength(1);
  });
});

test('tools are looked for on the path of the machine, not among those of this project', () => {
  expect(
    loadConfig({ PATH: '/home/me/agent/node_modules/.bin:/usr/local/bin::/usr/bin' }).searchPath,
  ).toEqual(['/usr/local/bin', '/usr/bin']);
});

test('a file that is not there is a flaw', () => {
  expect(flawsOf({ REPLAY_FILE: '/nowhere/answers.json' })).toEqual([
    'REPLAY_FILE: there is no file /nowhere/answers.json',
  ]);
});

test('the shipped .env.example names every variable and sets none', () => {
  const lines = readFileSync(join(import.meta.dirname, '../../../.env.example'), 'utf8').split(
    '\n',
  );
  const named = lines.flatMap((line) => /^#([A-Z_]+)=/.exec(line)?.[1] ?? []);
  expect(named).toEqual(Object.keys(Variables.shape));
  expect(lines.filter((line) => line !== '' && !line.startsWith('#'))).toEqual([]);
});
