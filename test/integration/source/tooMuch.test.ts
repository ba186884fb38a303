import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createGitSource } from '../../../lib/source/adapters/git.ts';
import { git, lacksForGit, startGitServer } from '../../support/gitServer.ts';
import { commit, write } from '../../support/gitShop.ts';

const PACK_BYTES = 1_000_000;

test('of a server that sends more than is wanted nothing is kept', async (context) => {
  const lacks = lacksForGit();
  if (lacks !== undefined) context.skip(lacks);
  const root = mkdtempSync(join(tmpdir(), 'git-source-'));
  const server = await startGitServer();
  try {
    const heavy = join(server.folder, 'heavy');
    write(heavy, 'noise.bin', randomBytes(20 * PACK_BYTES));
    git(heavy, 'init', '--quiet');
    commit(heavy, 'heavy');
    git(server.folder, 'clone', '--quiet', '--bare', heavy, join(server.folder, 'heavy.git'));
    const source = createGitSource({
      ...{ repoHosts: [server.host], repoCaFile: server.caFile, searchPath: undefined },
      limits: { packBytes: PACK_BYTES, treeBytes: 1e9, files: 1_000, timeoutMs: 60_000 },
    });
    const to = join(root, 'tree');
    const { signal } = new AbortController();
    expect(await source.fetch({ url: server.urlOf('heavy'), to, signal })).toMatchObject({
      kind: 'denied',
      why: expect.stringContaining('more than 1000000 bytes'),
    });
    expect(readdirSync(root)).toEqual([]);
  } finally {
    await server.close();
    rmSync(root, { recursive: true, force: true });
  }
});
