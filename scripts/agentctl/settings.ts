import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import * as z from 'zod';
import { flawWords } from '../../lib/kernel/flawWords.ts';
import { usage } from './complaint.ts';
import type { Host } from './host.ts';

const ConfigFile = z.strictObject({
  url: z.url({ protocol: /^https?$/ }).optional(),
  api_key: z.string().min(1).optional(),
  /** Path of a file that holds the key. */
  api_key_file: z.string().min(1).optional(),
});
type ConfigFile = z.infer<typeof ConfigFile>;

export interface Setting {
  value: string | undefined;
  /** Where the value comes from, for `agentctl config`. */
  source: string;
}

export interface Settings {
  url: string;
  apiKey: string | undefined;
  sources: { url: Setting; apiKey: Setting; file: Setting };
}

export interface SettingFlags {
  url?: string | undefined;
  /** Path of a file with the key; `-` is stdin. */
  apiKeyFile?: string | undefined;
}

const DEFAULT_URL = 'http://127.0.0.1:8080';
/** What a service on this machine takes when nobody has chosen a key. */
const DEVELOPMENT_KEY = 'dev-local';

/** Config file < environment < flags. `stdinText` is read only when the key is asked from stdin. */
export async function readSettings(
  host: Host,
  flags: SettingFlags,
  stdinText: () => Promise<string>,
): Promise<Settings> {
  const path = configPath(host);
  const file = readConfigFile(path);
  const url = firstSet([
    { value: flags.url, source: '--url' },
    { value: host.environment['AGENTCTL_URL'], source: 'AGENTCTL_URL' },
    { value: file?.url, source: path },
    { value: DEFAULT_URL, source: 'default' },
  ]);
  const address = checkUrl(url);
  const apiKey = firstSet([
    { value: await keyFromFlag(host, flags.apiKeyFile, stdinText), source: '--api-key-file' },
    { value: host.environment['AGENTCTL_API_KEY'], source: 'AGENTCTL_API_KEY' },
    { value: firstOf(host.environment['API_KEY']), source: 'API_KEY' },
    { value: file?.api_key, source: path },
    { value: keyFromFile(file?.api_key_file, path), source: file?.api_key_file ?? path },
    { value: isLoopback(address) ? DEVELOPMENT_KEY : undefined, source: 'default on loopback' },
  ]);
  const found = { value: path, source: file === undefined ? 'not there' : 'read' };
  return {
    url: address.href.replace(/\/$/, ''),
    apiKey: apiKey.value,
    sources: { url, apiKey, file: found },
  };
}

/** `$XDG_CONFIG_HOME/agentctl/config.json`; the XDG rules say that a relative XDG_CONFIG_HOME is ignored. */
function configPath({ environment }: Host): string {
  const home = environment['XDG_CONFIG_HOME'];
  const base =
    home !== undefined && isAbsolute(home)
      ? home
      : join(environment['HOME'] || homedir(), '.config');
  return join(base, 'agentctl', 'config.json');
}

function readConfigFile(path: string): ConfigFile | undefined {
  if (!existsSync(path)) return undefined;
  const parsed = ConfigFile.safeParse(parseJson(readFileSync(path, 'utf8'), path), {
    error: flawWords,
  });
  if (parsed.success) return parsed.data;
  const flaws = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  throw usage(`the config file ${path} is not usable`, flaws.join('; '), `edit ${path}`);
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw usage(`the config file ${path} is no JSON`, error.message, `edit ${path}`);
  }
}

function firstSet(candidates: readonly Setting[]): Setting {
  const set = candidates.find(({ value }) => value !== undefined && value !== '');
  return set ?? { value: undefined, source: 'not set' };
}

function checkUrl({ value = '', source }: Setting): URL {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (url !== undefined && /^https?:$/.test(url.protocol)) return url;
  throw usage(
    `${JSON.stringify(value)} is no address of a service`,
    `it comes from ${source} and must look like ${DEFAULT_URL}`,
    `export AGENTCTL_URL=${DEFAULT_URL}`,
  );
}

async function keyFromFlag(
  host: Host,
  path: string | undefined,
  stdinText: () => Promise<string>,
): Promise<string | undefined> {
  if (path === '-') return someKey(await stdinText(), 'standard input', '--api-key-file -');
  return keyFromFile(path && resolve(host.directory, path), '--api-key-file');
}

function keyFromFile(path: string | undefined, source: string): string | undefined {
  if (path === undefined) return undefined;
  if (existsSync(path)) return someKey(readFileSync(path, 'utf8'), path, source);
  throw usage(`there is no key file ${path}`, `it is named by ${source}`, 'agentctl config');
}

/** Falling back to another key than the one that was asked for would be a surprise. */
function someKey(text: string, from: string, source: string): string {
  const key = text.trim();
  if (key !== '') return key;
  throw usage(`${from} holds no key`, `it is named by ${source}`, 'put the key there');
}

/** API_KEY may hold several keys while they are rotated: any of them is accepted. */
function firstOf(keys: string | undefined): string | undefined {
  return keys?.split(',')[0]?.trim();
}

function isLoopback({ hostname }: URL): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.');
}
