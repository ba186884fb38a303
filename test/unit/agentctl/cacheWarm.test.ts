import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runAgentctl } from '../../../scripts/agentctl/agentctl.ts';
import { createHost } from '../../support/agentctlHost.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cache-warm-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

async function warm(language: string, ...flags: string[]) {
  const environment = { PATH: join(folder, 'no-tools'), CACHE_DIR: join(folder, 'caches') };
  const { host, out, err } = createHost({ environment, directory: folder });
  const exit = await runAgentctl(['cache', 'warm', '--language', language, ...flags], host);
  return { exit, out: out(), err: err() };
}

test.each([
  ['java', 'there is no pom.xml', 'name the folder of pom.xml or build.gradle by --project'],
  ['typescript', 'there is no package-lock.json', 'npm install --package-lock-only'],
  ['go', 'there is no go.mod', 'go mod init'],
  ['rust', 'there is no Cargo.toml', 'cargo init'],
  ['python', 'the project names no dependency', 'agentctl cache warm --language python'],
])(
  'a %s project that names no dependencies is told what is wanted',
  async (language, what, next) => {
    writeFileSync(join(folder, 'README'), '');
    const { exit, err } = await warm(language, '--project', '.');
    expect(exit).toBe(2);
    expect(err).toContain(`error: ${what}`);
    expect(err).toContain(next);
    expect(existsSync(join(folder, 'caches'))).toBe(false);
  },
);

test('without a project, languages whose projects have nothing in common want one', async () => {
  const { exit, err } = await warm('rust');
  expect(exit).toBe(2);
  expect(err).toContain('agentctl cache warm --language rust --project FOLDER');
});

test('a project that is not there is named', async () => {
  const { exit, err } = await warm('go', '--project', 'nowhere');
  expect(exit).toBe(2);
  expect(err).toContain(`error: there is no ${join(folder, 'nowhere')}`);
});

test('a tool that is not there is named with its package', async () => {
  const { exit, err } = await warm('java');
  expect(exit).toBe(3);
  expect(err).toContain('error: mvn is not on this machine');
  expect(err).toContain('apt-get install maven');
});
