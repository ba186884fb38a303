import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../../../lib/kernel/clock.ts';
import { newTaskId } from '../../../lib/kernel/ids.ts';
import { systemRandom } from '../../../lib/kernel/random.ts';
import { createGitSource } from '../../../lib/source/adapters/git.ts';
import { TaskPayload } from '../../../lib/task/payload.ts';
import { taskFolders } from '../../../lib/worker/folders.ts';
import { prepare } from '../../../lib/worker/prepare.ts';
import { type GitServer, git, lacksForGit, startGitServer } from '../../support/gitServer.ts';
import { commit, makeShop, write } from '../../support/gitShop.ts';
import { smallPayload } from '../../support/payload.ts';

const lacks = lacksForGit();
let root: string;
let server: GitServer;
let head: string;

beforeEach(async (context) => {
  if (lacks !== undefined) context.skip(lacks);
  root = mkdtempSync(join(tmpdir(), 'git-prepare-'));
  server = await startGitServer();
  [, head] = makeShop(server);
});
afterEach(async () => {
  if (lacks !== undefined) return;
  await server.close();
  rmSync(root, { recursive: true, force: true });
});

const folders = () => taskFolders(join(root, 'home'), taskId);
const taskId = newTaskId(systemClock.now(), systemRandom);

function prepared(repo: object = {}) {
  const payload = TaskPayload.parse(
    smallPayload(root, { repo: { url: server.urlOf('shop'), ...repo } }),
  );
  const { host, caFile } = server;
  const source = createGitSource({ repoHosts: [host], repoCaFile: caFile, searchPath: undefined });
  const places = { folders: folders(), workingDirectory: root, workspaceRoot: root };
  return prepare({ payload, source, ...places, signal: new AbortController().signal });
}

/** The next state of main, made by somebody else. */
function publish(change: (shop: string) => void): void {
  const shop = join(server.folder, 'work');
  change(shop);
  commit(shop, 'third');
  git(shop, 'push', '--quiet', join(server.folder, 'shop.git'), 'main');
}

test('what is fetched is the base of the task, without what the task leaves out', async () => {
  const outcome = await prepared({ exclude: ['src/**'] });
  expect(outcome).toMatchObject({ kind: 'ready', fetched: { ref: null, commit: head } });
  expect(outcome).toHaveProperty('repository', undefined);
  expect(readFileSync(join(folders().work, 'cart.py'), 'utf8')).toBe('total = 1\n');
  expect(readdirSync(folders().base)).toContain('cart.py');
  expect(readdirSync(folders().base)).not.toContain('.git');
  expect(readdirSync(folders().base)).not.toContain('src');
  expect(readdirSync(folders().root).sort()).toEqual(['base', 'scratch', 'work']);
});

test('a later attempt works on the same state, and asks nobody', async () => {
  const first = await prepared();
  publish((shop) => write(shop, 'cart.py', 'total = 2\n'));
  const before = server.requests.length;
  const second = await prepared();
  expect(server.requests).toHaveLength(before);
  expect(second).toEqual({ ...first, fetched: undefined });
});

test('a link that leads out of what was fetched is denied, and nothing of it is kept', async () => {
  publish((shop) => symlinkSync('/etc/passwd', join(shop, 'users')));
  expect(await prepared()).toMatchObject({
    kind: 'failed',
    failure: { code: 'input_denied', message: expect.stringContaining('users') },
  });
  expect(readdirSync(folders().root)).toEqual([]);
});
