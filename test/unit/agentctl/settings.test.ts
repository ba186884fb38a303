import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { runAgentctl } from '../../../scripts/agentctl/agentctl.ts';
import { readSettings } from '../../../scripts/agentctl/settings.ts';
import { createHost } from '../../support/agentctlHost.ts';

let xdg: string;
beforeEach(() => {
  xdg = mkdtempSync(join(tmpdir(), 'agentctl-'));
  mkdirSync(join(xdg, 'agentctl'));
});
afterEach(() => rmSync(xdg, { recursive: true, force: true }));

const noStdin = (): Promise<string> => Promise.reject(new Error('stdin was read'));

function settingsFrom(
  file: object | undefined,
  environment: Record<string, string>,
  flags: { url?: string; apiKeyFile?: string } = {},
): ReturnType<typeof readSettings> {
  if (file !== undefined) {
    writeFileSync(join(xdg, 'agentctl', 'config.json'), JSON.stringify(file));
  }
  const { host } = createHost({ environment: { XDG_CONFIG_HOME: xdg, ...environment } });
  return readSettings(host, flags, noStdin);
}

it('with nothing set the service of this machine is meant, with its development key', async () => {
  const settings = await settingsFrom(undefined, {});
  expect(settings).toMatchObject({ url: 'http://127.0.0.1:8080', apiKey: 'dev-local' });
});

it('the development key is never sent to another machine', async () => {
  const settings = await settingsFrom(undefined, { AGENTCTL_URL: 'https://agent.example.org' });
  expect(settings.apiKey).toBeUndefined();
});

it('a flag wins over the environment, and the environment over the config file', async () => {
  const file = { url: 'http://file:1', api_key: 'from-file' };
  expect(await settingsFrom(file, {})).toMatchObject({ url: 'http://file:1', apiKey: 'from-file' });
  const environment = { AGENTCTL_URL: 'http://env:1', AGENTCTL_API_KEY: 'from-env' };
  expect(await settingsFrom(file, environment)).toMatchObject({
    url: 'http://env:1',
    apiKey: 'from-env',
  });
  const keyFile = join(xdg, 'key');
  writeFileSync(keyFile, 'from-flag\n');
  const flags = { url: 'http://flag:1/', apiKeyFile: keyFile };
  expect(await settingsFrom(file, environment, flags)).toMatchObject({
    url: 'http://flag:1',
    apiKey: 'from-flag',
  });
});

it('of several keys in API_KEY the first one is used', async () => {
  expect(await settingsFrom(undefined, { API_KEY: 'new,old' })).toMatchObject({ apiKey: 'new' });
});

it('an unknown field of the config file is refused by name', async () => {
  await expect(settingsFrom({ uri: 'http://x' }, {})).rejects.toThrow(/is not usable/);
});

it('the configuration is shown with its sources and without the key', async () => {
  const environment = { XDG_CONFIG_HOME: xdg, AGENTCTL_API_KEY: 'very-secret-key' };
  const { host, out } = createHost({ environment });
  expect(await runAgentctl(['config'], host)).toBe(0);
  expect(out()).toMatch(/^url +http:\/\/127\.0\.0\.1:8080 +default$/m);
  expect(out()).toMatch(/^api_key +ver… +AGENTCTL_API_KEY$/m);
  expect(out()).not.toContain('very-secret-key');
});

it('the variables of the service are listed with defaults and meanings', async () => {
  const { host, out } = createHost({});
  expect(await runAgentctl(['config', '--service'], host)).toBe(0);
  expect(out()).toMatch(/^PORT +8080 +port the API listens on/m);
  expect(out()).toMatch(/^DATABASE_URL +- +Postgres to use/m);
});

it('a key file that holds no key is refused, instead of another key being used', async () => {
  const file = join(xdg, 'key');
  writeFileSync(file, '\n');
  await expect(settingsFrom(undefined, {}, { apiKeyFile: file })).rejects.toThrow(
    `${file} holds no key`,
  );
});
