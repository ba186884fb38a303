import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { generateRequest } from '../../support/generateRequest.ts';
import { isRunning } from '../../support/processes.ts';
import {
  openTinyModel,
  requireRuntime,
  type TinyModel,
  type TinyOptions,
} from '../../support/tinyModel.ts';

let runtime: string;
const opened: TinyModel[] = [];
beforeEach((ctx) => {
  runtime = requireRuntime(ctx);
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((model) => model.close()));
});

function open(options: TinyOptions = {}): TinyModel {
  const model = openTinyModel(runtime, options);
  opened.push(model);
  return model;
}

/** Endless: nothing bounds the body of the one file, and random weights do not end it. */
const ENDLESS = { bodyLimit: { lines: 4_000, columns: 400 } };

describe('an answer under the grammar', () => {
  test.each([1, 2, 3])(
    'names exactly the expected files, also with random weights (seed %i)',
    async (seed) => {
      const { provider } = open();
      const expectedFiles = ['src/main/java/App.java', 'build.gradle', 'docs/a "b".md'];
      const request = generateRequest({ seed, temperature: 1, context: { expectedFiles } });
      const { text, finish } = await provider.generate(request);
      expect(finish).toBe('stop');
      expect(
        [...text.matchAll(/^### FILE: (.+)\n```\n(?:(?!```).*\n)+```\n/gm)].map(([, path]) => path),
      ).toEqual(expectedFiles);
    },
  );

  test('is the same for the same seed', async () => {
    const { provider } = open();
    const request = generateRequest({ seed: 5, temperature: 1 });
    const first = await provider.generate(request);
    expect(await provider.generate(request)).toEqual(first);
  });
});

describe('tokens', () => {
  test('are counted, and max_tokens is kept', async () => {
    const { provider } = open(ENDLESS);
    const { finish, generatedTokens, promptTokens, estimated } = await provider.generate(
      generateRequest({ maxTokens: 40 }),
    );
    expect({ finish, estimated }).toEqual({ finish: 'length', estimated: false });
    expect(generatedTokens).toBeGreaterThan(30);
    expect(generatedTokens).toBeLessThanOrEqual(41);
    expect(promptTokens).toBeGreaterThan(30);
  });

  test('a prompt that does not fit the context is refused, and never cut', async () => {
    const { provider } = open({ contextTokens: 512 });
    const messages = [{ role: 'user' as const, content: 'x '.repeat(600) }];
    await expect(provider.generate(generateRequest({ messages }))).rejects.toMatchObject({
      kind: 'context_overflow',
      message: expect.stringMatching(
        /^the prompt has 1\d\d\d tokens and the model a context of 512$/,
      ),
    });
    expect((await provider.generate(generateRequest())).finish).toBe('stop');
  });

  test('an answer ends where the context does, instead of forgetting its start', async () => {
    const { provider } = open({ contextTokens: 512, ...ENDLESS });
    const { finish, promptTokens, generatedTokens } = await provider.generate(
      generateRequest({ maxTokens: 100_000 }),
    );
    expect(finish).toBe('length');
    expect(promptTokens + generatedTokens).toBeLessThanOrEqual(513);
  });
});

describe('the process of a model', () => {
  test('that crashes in the middle leaves what was said; the next question starts another', async () => {
    const { provider } = open(ENDLESS);
    let killed: number | undefined;
    const { text, finish } = await provider.generate(
      generateRequest({
        onText: () => {
          if (killed !== undefined || provider.pid === undefined) return;
          killed = provider.pid;
          process.kill(killed, 'SIGSEGV');
        },
      }),
    );
    expect(finish).toBe('disconnected');
    expect(text).toMatch(/^#/);
    expect((await provider.generate(generateRequest({ maxTokens: 10 }))).text).not.toBe('');
    expect(provider.pid).not.toBe(killed);
  });

  test('is ended for a listener that fails, whose error ends the call', async () => {
    const { provider } = open(ENDLESS);
    let pid: number | undefined;
    const onText = () => {
      pid ??= provider.pid;
      throw new Error('the journal is away');
    };
    await expect(provider.generate(generateRequest({ onText }))).rejects.toThrow(
      'the journal is away',
    );
    expect(isRunning(pid)).toBe(false);
  });

  test('that nobody needs any more is ended', async () => {
    const { provider } = open({ idleUnloadMs: 50 });
    await provider.generate(generateRequest());
    const { pid } = provider;
    await expect.poll(() => provider.pid).toBeUndefined();
    await expect.poll(() => isRunning(pid)).toBe(false);
  });

  test('stays for the next question within its time', async () => {
    const { provider } = open();
    await provider.generate(generateRequest());
    const { pid } = provider;
    await provider.generate(generateRequest({ seed: 2 }));
    expect(provider.pid).toBe(pid);
  });
});

describe('a file that is no model is told with its name', () => {
  test('a truncated one', async () => {
    const { provider, file } = open();
    truncateSync(file, readFileSync(file).length / 2);
    await expect(provider.generate(generateRequest())).rejects.toMatchObject({
      name: 'ModelError',
      kind: 'protocol',
      message: expect.stringContaining(`${file} cannot be loaded: `),
    });
  });

  test('one of something else', async () => {
    const { provider, file } = open();
    writeFileSync(file, '<html>Please log in</html>');
    await expect(provider.generate(generateRequest())).rejects.toMatchObject({
      kind: 'protocol',
      message: expect.stringContaining(`${file} cannot be loaded: `),
    });
  });
});
