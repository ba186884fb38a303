import { readdirSync, readFileSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';
import type { Language } from '../../lib/task/payload.ts';
import { usage } from './complaint.ts';
import type { Context } from './context.ts';

export interface PayloadFlags {
  goal?: string;
  language?: string;
  repo?: string;
  repoUrl?: string;
  ref?: string;
  expect?: string[];
  apply?: boolean;
}

type Json = Record<string, unknown>;

/** The payload of a file, of stdin or of the flags alone; unchecked but for being a JSON object: the service checks. */
export async function readPayload(
  context: Context,
  file: string | undefined,
  flags: PayloadFlags,
): Promise<Json> {
  if (file !== undefined) return withFlags(await readJsonObject(context, file), flags, context);
  if (flags.goal === undefined) {
    throw usage(
      'there is nothing to submit',
      'neither a payload file nor --goal was given',
      'agentctl submit examples/python-roman-numerals.json --follow',
    );
  }
  if (flags.repoUrl !== undefined) {
    return withFlags({ type: 'CODE' }, { ...flags, language: requireLanguage(flags) }, context);
  }
  const repo = flags.repo ?? '.';
  const language = flags.language ?? guessLanguage(resolve(context.host.directory, repo));
  return withFlags({ type: 'CODE' }, { ...flags, repo, language }, context);
}

/** The JSON object in a file, or in stdin for `-`. */
export async function readJsonObject(context: Context, file: string): Promise<Json> {
  const text =
    file === '-' ? await context.readStdin() : readFile(resolve(context.host.directory, file));
  const source = file === '-' ? 'standard input' : file;
  const value = parseJson(text, source);
  if (isObject(value)) return value;
  throw usage(`${source} holds no JSON object`, 'a payload is an object', 'agentctl submit --help');
}

function readFile(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw usage(`${path} cannot be read`, why, 'name an existing file, or - for standard input');
  }
}

function parseJson(text: string, source: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const why = text.trim() === '' ? 'it is empty' : error.message;
    throw usage(`${source} is no JSON`, why, 'agentctl submit --help');
  }
}

function withFlags(payload: Json, flags: PayloadFlags, context: Context): Json {
  const { goal, language, expect, apply } = flags;
  const merged = structuredClone(payload);
  if (goal !== undefined) part(merged, 'input')['goal'] = goal;
  if (language !== undefined) part(merged, 'input')['language'] = language;
  mergeRepo(merged, flags, context);
  if (expect !== undefined) part(merged, 'output_contract')['expected_files'] = expect;
  if (apply === true) merged['apply'] = 'always';
  return merged;
}

/** A folder and a URL take each other's place; `--ref` alone changes that of the file's URL. */
function mergeRepo(merged: Json, { repo, repoUrl, ref }: PayloadFlags, context: Context): void {
  if (repo === undefined && repoUrl === undefined && ref === undefined) return;
  const place = part(part(merged, 'input'), 'repo');
  if (repo !== undefined) {
    // The service may run elsewhere on this machine: a path of the shell is made whole here.
    place['path'] = isAbsolute(repo) ? repo : resolve(context.host.directory, repo);
    Reflect.deleteProperty(place, 'url');
    Reflect.deleteProperty(place, 'ref');
  }
  if (repoUrl !== undefined) {
    place['url'] = repoUrl;
    Reflect.deleteProperty(place, 'path');
    Reflect.deleteProperty(place, 'ref');
  }
  if (ref !== undefined) place['ref'] = ref;
}

const CHOOSE_LANGUAGE = 'add --language java (or python, typescript, javascript, go, rust, c, cpp)';

/** Only files on this machine can give it away. */
function requireLanguage({ language }: PayloadFlags): string {
  if (language !== undefined) return language;
  throw usage(
    'the language of the repository is unclear',
    'what is behind a URL cannot be looked at from here',
    CHOOSE_LANGUAGE,
  );
}

/** The object under a name, made where there is none. */
function part(parent: Json, name: string): Json {
  const found = parent[name];
  if (isObject(found)) return found;
  const made: Json = {};
  parent[name] = made;
  return made;
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Root files that give a language away; the first match wins. */
const SIGNS: readonly [RegExp, Language][] = [
  [/^tsconfig\.json$/, 'typescript'],
  [/^(?:build\.gradle(?:\.kts)?|pom\.xml)$/, 'java'],
  [/^go\.mod$/, 'go'],
  [/^Cargo\.toml$/, 'rust'],
  [/^(?:pyproject\.toml|setup\.py|requirements\.txt)$|\.py$/, 'python'],
  [/\.ts$/, 'typescript'],
  [/^package\.json$|\.[cm]?js$/, 'javascript'],
  [/\.java$/, 'java'],
  [/^CMakeLists\.txt$|\.(?:cc|cpp|cxx|hpp)$/, 'cpp'],
  [/\.[ch]$/, 'c'],
];

function guessLanguage(repo: string): Language {
  const names = listNames(repo);
  const sign = SIGNS.find(([pattern]) => names.some((name) => pattern.test(name)));
  if (sign !== undefined) return sign[1];
  throw usage(
    'the language of the repository is unclear',
    `no file in ${repo} gives it away`,
    CHOOSE_LANGUAGE,
  );
}

function listNames(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw usage(`${folder} cannot be read`, why, 'name the repository with --repo');
  }
}
