import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createClient } from '../../../lib/client/createClient.ts';
import type { Context } from '../../../scripts/agentctl/context.ts';
import { type PayloadFlags, readPayload } from '../../../scripts/agentctl/readPayload.ts';
import { PLAIN } from '../../../scripts/agentctl/render/palette.ts';
import { seedExample } from '../../../scripts/agentctl/seedExample.ts';
import { readSettings } from '../../../scripts/agentctl/settings.ts';
import { readStdin } from '../../../scripts/agentctl/stdin.ts';
import { createHost } from '../../support/agentctlHost.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'payload-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

async function openContext(
  stdin = '',
  url = 'http://127.0.0.1:2',
): Promise<{ context: Context; err(): string }> {
  const { host, err } = createHost({ directory, stdin: Readable.from([stdin]) });
  const settings = await readSettings(host, { url }, () => readStdin(host));
  const context: Context = {
    host,
    terminal: host.terminal,
    palette: PLAIN,
    settings,
    client: createClient(settings),
    json: false,
    readStdin: () => readStdin(host),
  };
  return { context, err };
}

async function payloadFrom(file: string | undefined, flags: PayloadFlags, stdin = '') {
  return readPayload((await openContext(stdin)).context, file, flags);
}

describe('the payload', () => {
  it('of a file is sent as it is', async () => {
    writeFileSync(join(directory, 'p.json'), '{"type":"CODE","input":{"goal":"x"},"extra":1}');
    expect(await payloadFrom('p.json', {})).toEqual({
      type: 'CODE',
      input: { goal: 'x' },
      extra: 1,
    });
  });

  it('of standard input is changed by the flags that are given', async () => {
    const flags = { goal: 'new', language: 'go', expect: ['a.go'], apply: true };
    const stdin = '{"type":"CODE","input":{"goal":"old","repo":{"path":"./workspace/x"}}}';
    expect(await payloadFrom('-', flags, stdin)).toEqual({
      type: 'CODE',
      input: { goal: 'new', language: 'go', repo: { path: './workspace/x' } },
      output_contract: { expected_files: ['a.go'] },
      apply: 'always',
    });
  });

  it('of flags alone takes the current directory and guesses its language', async () => {
    writeFileSync(join(directory, 'pyproject.toml'), '');
    expect(await payloadFrom(undefined, { goal: 'Add tests' })).toEqual({
      type: 'CODE',
      input: { goal: 'Add tests', language: 'python', repo: { path: directory } },
    });
  });

  it('with a language that nothing gives away asks for --language', async () => {
    await expect(payloadFrom(undefined, { goal: 'x' })).rejects.toThrow(/language .* is unclear/);
  });

  it.each(['{', '[1]', '"text"', 'null', ''])('that is %j is refused', async (stdin) => {
    await expect(payloadFrom('-', {}, stdin)).rejects.toThrow(/no JSON/);
  });
});

describe("an example's repository", () => {
  const payload = { input: { repo: { path: './workspace/tiny' } } };

  beforeEach(() => {
    mkdirSync(join(directory, 'examples', 'tiny'), { recursive: true });
    writeFileSync(join(directory, 'examples', 'tiny', 'a.py'), 'shipped');
  });

  it('is copied to where the payload expects it, and the user is told', async () => {
    const { context, err } = await openContext();
    seedExample(context, 'examples/tiny.json', payload);
    expect(readFileSync(join(directory, 'workspace', 'tiny', 'a.py'), 'utf8')).toBe('shipped');
    expect(err()).toBe(`copied the example's repository to ${directory}/workspace/tiny\n`);
  });

  it('never overwrites what is there', async () => {
    mkdirSync(join(directory, 'workspace', 'tiny'), { recursive: true });
    writeFileSync(join(directory, 'workspace', 'tiny', 'a.py'), 'mine');
    const { context, err } = await openContext();
    seedExample(context, 'examples/tiny.json', payload);
    expect(readFileSync(join(directory, 'workspace', 'tiny', 'a.py'), 'utf8')).toBe('mine');
    expect(err()).toMatch(/as it is/);
  });

  it('is not copied out of the workspace, by .. or by a link', async () => {
    const { context } = await openContext();
    mkdirSync(join(directory, 'outside'));
    mkdirSync(join(directory, 'workspace'));
    symlinkSync(join(directory, 'outside'), join(directory, 'workspace', 'link'));
    for (const path of ['./workspace/../outside/tiny', './workspace/link/tiny', './workspace']) {
      seedExample(context, 'examples/tiny.json', { input: { repo: { path } } });
    }
    expect(existsSync(join(directory, 'outside', 'tiny'))).toBe(false);
    expect(existsSync(join(directory, 'workspace', 'a.py'))).toBe(false);
  });

  it('stays where it is when the service is on another machine', async () => {
    const { context } = await openContext('', 'http://agent.example.org');
    seedExample(context, 'examples/tiny.json', payload);
    expect(existsSync(join(directory, 'workspace'))).toBe(false);
  });
});

describe('code behind a URL', () => {
  const url = 'https://git.local/shop.git';

  it('is named instead of a folder, with its state', async () => {
    const flags = { goal: 'g', language: 'java', repoUrl: url, ref: 'v1' };
    expect(await payloadFrom(undefined, flags)).toEqual({
      type: 'CODE',
      input: { goal: 'g', language: 'java', repo: { url, ref: 'v1' } },
    });
  });

  it('takes the place of the folder in a file, which a folder takes back', async () => {
    const repo = { path: './workspace', include: ['src/**'] };
    writeFileSync(join(directory, 'p.json'), JSON.stringify({ input: { repo } }));
    expect(await payloadFrom('p.json', { repoUrl: url })).toEqual({
      input: { repo: { url, include: ['src/**'] } },
    });
    writeFileSync(
      join(directory, 'q.json'),
      JSON.stringify({ input: { repo: { url, ref: 'x' } } }),
    );
    expect(await payloadFrom('q.json', { repo: '/srv/shop' })).toEqual({
      input: { repo: { path: '/srv/shop' } },
    });
    expect(await payloadFrom('q.json', { ref: 'main' })).toEqual({
      input: { repo: { url, ref: 'main' } },
    });
  });

  it('does not tell its language from here', async () => {
    await expect(payloadFrom(undefined, { goal: 'g', repoUrl: url })).rejects.toThrow(/language/);
  });
});
