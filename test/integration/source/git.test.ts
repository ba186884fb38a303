import {
  appendFileSync,
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createGitSource, type GitSourceOptions } from '../../../lib/source/adapters/git.ts';
import type { Fetched } from '../../../lib/source/source.ts';
import { type GitServer, lacksForGit, startGitServer } from '../../support/gitServer.ts';
import { makeShop, write } from '../../support/gitShop.ts';

const lacks = lacksForGit();
let server: GitServer;
let other: GitServer;
let root: string;
let first: string;
let second: string;

beforeAll(async () => {
  if (lacks !== undefined) return;
  other = await startGitServer();
  server = await startGitServer((request, response) => {
    const [, kind] = /^\/(moved|private|away)\.git/.exec(request.url ?? '') ?? [];
    if (kind === 'moved') response.writeHead(301, { location: `${other.urlOf('shop')}/info/refs` });
    else if (kind === 'private')
      response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' });
    else if (kind === 'away')
      return true; // Never answers.
    else return false;
    response.end();
    return true;
  });
  [first, second] = makeShop(server);
  makeShop(other);
});
afterAll(async () => {
  await server?.close();
  await other?.close();
});

beforeEach((context) => {
  if (lacks !== undefined) context.skip(lacks);
  root = mkdtempSync(join(tmpdir(), 'git-source-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

type Asked = Partial<GitSourceOptions> & { url?: string; ref?: string; signal?: AbortSignal };

async function fetched({ url, ref, signal, ...options }: Asked = {}): Promise<Fetched> {
  const source = createGitSource({
    ...{ repoHosts: [server.host], repoCaFile: server.caFile, searchPath: undefined },
    ...options,
  });
  const never = new AbortController().signal;
  return await source.fetch({
    url: url ?? server.urlOf('shop'),
    ref,
    to: tree(),
    signal: signal ?? never,
  });
}

const tree = () => join(root, 'base.fetched');
const read = (file: string) => readFileSync(join(tree(), file), 'utf8');

describe('what an allowed host has', () => {
  test('is fetched as files without their history, and nothing else is left', async () => {
    expect(await fetched()).toEqual({ kind: 'fetched', commit: second });
    expect(read('cart.py')).toBe('total = 1\n');
    expect(read('src/deep.txt')).toBe('deep\n');
    expect(lstatSync(join(tree(), 'link.py')).isSymbolicLink()).toBe(true);
    expect(readdirSync(root)).toEqual(['base.fetched']);
    expect(readdirSync(tree())).not.toContain('.git');
  });

  test.each([
    ['a branch', 'main', () => second],
    ['a branch with a slash', 'feature/x', () => first],
    ['a tag', 'v1', () => first],
    ['a commit', '', () => second],
  ])('can be asked for by %s', async (_, ref, expected) => {
    expect(await fetched({ ref: ref === '' ? second : ref })).toEqual({
      kind: 'fetched',
      commit: expected(),
    });
  });

  test('large files stay pointers, and submodules empty', async () => {
    await fetched();
    expect(read('model.bin')).toMatch(/^version https:\/\/git-lfs/);
    expect(readdirSync(join(tree(), 'sub'))).toEqual([]);
  });

  test('is fetched anew when an earlier attempt was cut', async () => {
    write(tree(), 'half.txt', 'half');
    write(`${tree()}.git`, 'HEAD', 'nonsense');
    expect(await fetched()).toMatchObject({ kind: 'fetched' });
    expect(existsSync(join(tree(), 'half.txt'))).toBe(false);
  });
});

test('nobody else is asked, and no settings of the user count', async () => {
  // A user's settings that would lead elsewhere, and a helper that would tell passwords.
  const home = join(root, 'home');
  write(
    home,
    '.gitconfig',
    `[url "${other.urlOf('shop')}"]\n\tinsteadOf = ${server.urlOf('shop')}\n`,
  );
  write(home, '.netrc', 'machine 127.0.0.1 login me password secret\n');
  const before = other.requests.length;
  const filter = `\n[filter "evil"]\n\tsmudge = touch ${join(root, 'ran')}\n`;
  appendFileSync(join(home, '.gitconfig'), filter);
  const outer = { HOME: process.env['HOME'], GIT_CONFIG_GLOBAL: process.env['GIT_CONFIG_GLOBAL'] };
  Object.assign(process.env, { HOME: home, GIT_CONFIG_GLOBAL: join(home, '.gitconfig') });
  try {
    expect(await fetched()).toMatchObject({ kind: 'fetched' });
  } finally {
    for (const [name, value] of Object.entries(outer)) {
      if (value === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = value;
    }
  }
  expect(other.requests).toHaveLength(before);
  expect(existsSync(join(root, 'ran'))).toBe(false);
});

describe('what may not be had is said to be, with what to do', () => {
  const gone = () => {
    expect(existsSync(tree())).toBe(false);
    expect(existsSync(`${tree()}.git`)).toBe(false);
  };

  test('a host that is not allowed is not even asked', async () => {
    const before = server.requests.length;
    expect(await fetched({ repoHosts: ['127.0.0.1', 'github.com'] })).toMatchObject({
      kind: 'denied',
      why: `repo.url: ${server.host} is not among REPO_HOSTS of this worker`,
    });
    expect(server.requests).toHaveLength(before);
    gone();
  });

  test('a redirect to another host is not followed', async () => {
    const before = other.requests.length;
    expect(await fetched({ url: server.urlOf('moved') })).toMatchObject({
      kind: 'denied',
      why: expect.stringContaining('redirects'),
    });
    expect(other.requests).toHaveLength(before);
    gone();
  });

  test('a server that nobody vouches for is not believed', async () => {
    const outcome = await fetched({ repoCaFile: other.caFile });
    expect(outcome).toMatchObject({ kind: 'missing', why: expect.stringMatching(/certificate/i) });
    gone();
  });

  test('a private repository, and one that is not there', async () => {
    const why = expect.stringMatching(/is not there, or it is private/);
    expect(await fetched({ url: server.urlOf('private') })).toMatchObject({ kind: 'missing', why });
    expect(await fetched({ url: server.urlOf('nothing') })).toMatchObject({ kind: 'missing', why });
    gone();
  });

  test('a branch that is not there', async () => {
    expect(await fetched({ ref: 'nowhere' })).toMatchObject({
      kind: 'missing',
      why: expect.stringContaining('has no nowhere'),
    });
    gone();
  });

  test('a server that does not answer, when time is up', async () => {
    const limits = { packBytes: 1e9, treeBytes: 1e9, files: 1_000, timeoutMs: 1_000 };
    expect(await fetched({ url: server.urlOf('away'), limits })).toMatchObject({
      kind: 'denied',
      why: expect.stringContaining('after 1 s'),
    });
    gone();
  });

  test('more files or bytes than a task may have', async () => {
    const roomy = { packBytes: 1e9, treeBytes: 1e9, files: 1_000, timeoutMs: 60_000 };
    expect(await fetched({ limits: { ...roomy, files: 2 } })).toMatchObject({
      kind: 'denied',
      why: expect.stringContaining('more than 2'),
    });
    expect(await fetched({ limits: { ...roomy, treeBytes: 10 } })).toMatchObject({
      kind: 'denied',
      why: expect.stringContaining('bytes, more than 10'),
    });
    gone();
  });

  test('a machine without git', async () => {
    expect(await fetched({ searchPath: [root] })).toMatchObject({
      kind: 'missing',
      why: expect.stringContaining('git is not installed'),
    });
    gone();
  });

  test('a caller that gives up gets its own reason back', async () => {
    const giveUp = new AbortController();
    const away = fetched({ url: server.urlOf('away'), signal: giveUp.signal });
    giveUp.abort(new Error('cancelled'));
    await expect(away).rejects.toThrow('cancelled');
    gone();
  });
});
