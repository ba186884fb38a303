import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, type TestContext } from 'vitest';
import type { Accelerator } from '../../../scripts/agentctl/runtime/binaries.ts';
import { installRuntime } from '../../../scripts/agentctl/runtime/installRuntime.ts';
import { generateRequest } from '../../support/generateRequest.ts';
import { openTinyModel } from '../../support/tinyModel.ts';

let layer: string;
beforeEach(() => {
  layer = mkdtempSync(join(tmpdir(), 'agent-layer-'));
  for (const name of ['package.json', 'package-lock.json']) {
    copyFileSync(join(import.meta.dirname, '../../../layers/llama', name), join(layer, name));
  }
});
afterEach(() => rmSync(layer, { recursive: true, force: true }));

/** A runtime that was installed before. */
const old = () => join(layer, 'node_modules/old');
function haveOld(): void {
  mkdirSync(join(layer, 'node_modules'));
  writeFileSync(old(), 'old');
}

interface Given {
  environment?: Record<string, string>;
  accelerator?: Accelerator;
  interrupted?: AbortSignal;
}

function install({ environment = {}, accelerator, interrupted }: Given = {}): Promise<string> {
  const signal = interrupted ?? new AbortController().signal;
  return installRuntime({ layer, accelerator, host: { environment, interrupted: signal } });
}

/** npm is not ours: this one does what `script` says, with the arguments of npm in $@. */
function npmThat(script: string): Record<string, string> {
  const folder = join(layer, 'bin');
  mkdirSync(folder);
  writeFileSync(join(folder, 'npm'), `#!/bin/sh\necho "$@" >> ${layer}/calls\n${script}\n`);
  chmodSync(join(folder, 'npm'), 0o755);
  return { PATH: [folder, process.env['PATH']].join(delimiter) };
}

const leftovers = () => readdirSync(layer).filter((name) => name.startsWith('.installing'));

describe('the runtime', () => {
  it('is installed for this machine from the real registry, and a model runs in it', async (ctx) => {
    requireRegistry(ctx);
    const proved = JSON.parse(await install());
    expect(proved).toMatchObject({ system: expect.any(String) });
    expect(leftovers()).toEqual([]);
    const tiny = openTinyModel(join(layer, 'node_modules/node-llama-cpp/dist/index.js'));
    const { text } = await tiny.provider.generate(generateRequest({ maxTokens: 5 }));
    await tiny.close();
    expect(text).not.toBe('');
  }, 300_000);

  it('is not touched by an install without a network, which says so soon', async () => {
    haveOld();
    const environment = {
      npm_config_registry: 'http://127.0.0.1:1',
      npm_config_cache: join(layer, 'cache'),
    };
    await expect(install({ environment })).rejects.toMatchObject({
      exit: 7,
      what: 'the npm registry is not reached from here: this machine seems to be offline',
      next: expect.stringContaining('layers/llama/node_modules'),
    });
    expect(existsSync(old())).toBe(true);
    expect(leftovers()).toEqual([]);
  });

  it('is not touched by an install that is interrupted, and nothing of it is left', async () => {
    haveOld();
    const controller = new AbortController();
    const environment = npmThat('mkdir node_modules; touch node_modules/half; exec sleep 60');
    const installing = install({ environment, interrupted: controller.signal });
    await expect.poll(() => existsSync(join(layer, 'calls'))).toBe(true);
    controller.abort(new Error('Ctrl-C'));
    await expect(installing).rejects.toThrow('Ctrl-C');
    expect(existsSync(old())).toBe(true);
    expect(leftovers()).toEqual([]);
  });

  it('is not replaced by one that does not start here', async (ctx) => {
    const platform = `${process.platform}-${process.arch}`;
    ctx.skip(platform !== 'linux-x64', `CUDA's binary has another name on ${platform}`);
    haveOld();
    const environment = npmThat(`mkdir -p node_modules/node-llama-cpp
      echo '{"type":"module","exports":"./index.js"}' > node_modules/node-llama-cpp/package.json
      echo 'export const getLlama = () => { throw new Error("no libcudart here"); };' \\
        > node_modules/node-llama-cpp/index.js`);
    const failed = install({ environment, accelerator: 'cuda' });
    await expect(failed).rejects.toMatchObject({
      what: 'the runtime does not start on this machine, so it was not installed',
      why: expect.arrayContaining([
        expect.stringContaining('no libcudart here'),
        expect.stringContaining('cublas'),
      ]),
      next: 'install those, or: agentctl models runtime install --gpu vulkan',
    });
    expect(existsSync(old())).toBe(true);
    expect(readFileSync(join(layer, 'calls'), 'utf8')).toMatch(
      /^install --no-save .*@node-llama-cpp\/linux-x64-cuda@3\.21\.1 @node-llama-cpp\/linux-x64-cuda-ext@3\.21\.1/m,
    );
  });

  it('replaces the old one as a whole, and what an install that was killed has left is removed', async () => {
    haveOld();
    mkdirSync(join(layer, '.installing-4194303/node_modules'), { recursive: true });
    const environment = npmThat(`mkdir -p node_modules/node-llama-cpp
      echo '{"type":"module","exports":"./index.js"}' > node_modules/node-llama-cpp/package.json
      echo 'export const getLlama = () => ({ gpu: false, systemInfo: "AVX2" });' \\
        > node_modules/node-llama-cpp/index.js`);
    expect(JSON.parse(await install({ environment }))).toEqual({ gpu: false, system: 'AVX2' });
    expect(readdirSync(join(layer, 'node_modules'))).toEqual(['node-llama-cpp']);
    expect(leftovers()).toEqual([]);
  });

  it('is installed by one process at a time', async () => {
    mkdirSync(join(layer, `.installing-${process.ppid}`));
    await expect(install()).rejects.toMatchObject({
      what: 'the runtime is being installed already',
      why: [expect.stringContaining(`process ${process.ppid} `)],
    });
  });

  it('tells of a full disk, and of anything else in the words of npm', async () => {
    const environment = npmThat('echo "npm error code ENOSPC"; exit 1');
    await expect(install({ environment })).rejects.toMatchObject({ what: 'the disk is full' });
    rmSync(join(layer, 'bin'), { recursive: true });
    const other = npmThat('echo "npm error code EINTEGRITY"; exit 1');
    await expect(install({ environment: other })).rejects.toMatchObject({
      what: 'npm ci failed; the runtime is as it was before',
      why: ['npm error code EINTEGRITY'],
    });
  });
});

function requireRegistry(ctx: Pick<TestContext, 'skip'>): void {
  const argv = ['view', 'node-llama-cpp@3.21.1', 'version', '--fetch-retries=0'];
  const asked = spawnSync('npm', argv, { timeout: 20_000, encoding: 'utf8' });
  if (asked.status !== 0) ctx.skip('the npm registry is not reached from here');
}
