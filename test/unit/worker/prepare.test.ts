import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../../../lib/kernel/clock.ts';
import { newTaskId } from '../../../lib/kernel/ids.ts';
import { systemRandom } from '../../../lib/kernel/random.ts';
import { createGitSource } from '../../../lib/source/adapters/git.ts';
import { TaskPayload } from '../../../lib/task/payload.ts';
import { taskFolders } from '../../../lib/worker/folders.ts';
import { type Prepared, prepare } from '../../../lib/worker/prepare.ts';
import { smallPayload } from '../../support/payload.ts';

let root: string;
let workspace: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'agent-prepare-'));
  workspace = join(root, 'workspace');
  mkdirSync(join(workspace, 'shop'), { recursive: true });
  writeFileSync(join(workspace, 'shop/cart.py'), 'total = 0\n');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const taskId = newTaskId(systemClock.now(), systemRandom);
const foldersOf = () => taskFolders(join(root, 'home'), taskId);

function prepareFor(path: string, signal = new AbortController().signal): Promise<Prepared> {
  return prepareOf(TaskPayload.parse(smallPayload(workspace, { repo: { path } })), signal);
}

function prepareOf(payload: TaskPayload, signal = new AbortController().signal) {
  const folders = foldersOf();
  const source = createGitSource({ repoHosts: [], repoCaFile: undefined, searchPath: undefined });
  const places = { workingDirectory: root, workspaceRoot: workspace };
  return prepare({ payload, folders, source, ...places, signal });
}

test('a task works on copies of its own', async () => {
  expect(await prepareFor('workspace/shop')).toMatchObject({
    kind: 'ready',
    repository: join(workspace, 'shop'),
  });
  const { base, work } = foldersOf();
  expect(readFileSync(join(base, 'cart.py'), 'utf8')).toBe('total = 0\n');
  expect(readFileSync(join(work, 'cart.py'), 'utf8')).toBe('total = 0\n');
});

test('a later attempt starts from the same base, whatever happened to the workspace and the copies', async () => {
  const first = await prepareFor('workspace/shop');
  const { work, scratch } = foldersOf();
  writeFileSync(join(workspace, 'shop/cart.py'), 'total = 1\n');
  writeFileSync(join(work, 'half.py'), 'half written');
  writeFileSync(join(scratch, 'left.txt'), 'left');
  expect(await prepareFor('workspace/shop')).toEqual(first);
  expect(readdirSync(work)).toEqual(['cart.py']);
  expect(readdirSync(scratch)).toEqual([]);
});

test('a copy that is stopped half-way leaves nothing that looks whole', async () => {
  const stopped = prepareFor('workspace/shop', AbortSignal.abort(new Error('cancelled')));
  await expect(stopped).rejects.toThrow('cancelled');
  expect(existsSync(foldersOf().base)).toBe(false);
});

test('a repository that is a link out of the workspace is denied, with link and target', async () => {
  mkdirSync(join(root, 'secret'));
  symlinkSync(join(root, 'secret'), join(workspace, 'link'));
  expect(await prepareFor('workspace/link')).toMatchObject({
    kind: 'failed',
    failure: {
      code: 'input_denied',
      message: expect.stringMatching(/workspace\/link leads to .*\/secret, outside/),
      remedy: `Name a folder below the workspace root, or start the service with WORKSPACE_ROOT set to a folder above ${join(root, 'secret')}.`,
    },
  });
  expect(existsSync(foldersOf().root)).toBe(false);
});

test('a repository that becomes a link while it is taken is denied, and the real folder named', async () => {
  const shop = join(workspace, 'shop');
  const payload = TaskPayload.parse(smallPayload(workspace, { repo: { path: 'workspace/shop' } }));
  Object.defineProperty(payload.input.repo, 'exclude', {
    get: () => {
      renameSync(shop, join(workspace, 'moved'));
      symlinkSync('moved', shop);
    },
  });
  expect(await prepareOf(payload)).toMatchObject({
    failure: {
      code: 'input_denied',
      message: expect.stringContaining('the root is a symbolic link'),
      remedy: `Name the real folder as repo.path: ${join(workspace, 'moved')}`,
    },
  });
});

test('a link inside the repository that leads out is denied, with link and target', async () => {
  symlinkSync('/etc/passwd', join(workspace, 'shop/users'));
  const prepared = await prepareFor('workspace/shop');
  expect(prepared).toMatchObject({ kind: 'failed', failure: { code: 'input_denied' } });
  expect(prepared).toMatchObject({
    failure: { message: expect.stringMatching(/users .*leads to .*\/etc\/passwd/) },
  });
  expect(existsSync(foldersOf().base)).toBe(false);
});

test('a link loop is denied', async () => {
  symlinkSync('loop', join(workspace, 'loop'));
  expect(await prepareFor('workspace/loop')).toMatchObject({
    failure: { code: 'input_denied', message: expect.stringContaining('workspace/loop') },
  });
});

test.each([
  ['is not there', 'workspace/nothing'],
  ['is a file', 'workspace/shop/cart.py'],
  ['lies below a file', 'workspace/shop/cart.py/deeper'],
])('a repository that %s is missing, by its full path', async (_, path) => {
  expect(await prepareFor(path)).toMatchObject({
    failure: { code: 'input_missing', message: expect.stringContaining(join(root, path)) },
  });
});

test('without the workspace root the repository is missing', async () => {
  rmSync(workspace, { recursive: true });
  expect(await prepareFor('workspace/shop')).toMatchObject({
    failure: { code: 'input_missing', message: expect.stringContaining(workspace) },
  });
});

test('a folder whose name begins with two dots is a folder like any other', async () => {
  mkdirSync(join(workspace, '..shop'));
  expect(await prepareFor('workspace/..shop')).toMatchObject({ kind: 'ready' });
});
