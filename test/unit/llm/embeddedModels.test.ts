import { mkdtempSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { EmbeddedModels } from '../../../lib/llm/embedded/embeddedModels.ts';
import { readCards } from '../../../lib/llm/readModelFiles.ts';
import { ModelCard } from '../../../lib/models/card.ts';
import { memoryReason } from '../../../lib/models/eligible.ts';
import { readingOf } from '../../support/gpuFixture.ts';
import { scriptedProvider } from '../../support/scriptedProvider.ts';
import { makeTinyGguf } from '../../support/tinyGguf.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'agent-models-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function openFolder({ usesGpu = true } = {}) {
  const closed: string[] = [];
  const flaws: string[] = [];
  const pids = new Map<string, number>();
  const sizes: Record<string, number[]> = {};
  const models = new EmbeddedModels({
    folder,
    runtime: '/runtime/index.js',
    usesGpu,
    cards: readCards(undefined),
    slots: 2,
    threads: 1,
    open: ({ name, sizes: told }) => {
      sizes[name] = told.map(({ slots }) => slots);
      return {
        ...scriptedProvider(['x']),
        get pid() {
          return pids.get(name);
        },
        close: async () => void closed.push(name),
      };
    },
    onFlaw: (file, why) => flaws.push(`${file.slice(folder.length + 1)}: ${why}`),
  });
  return { models, closed, flaws, pids, sizes };
}

test('a file of a known model has its card, with what the file itself says', async () => {
  writeFileSync(join(folder, 'qwen2.5-coder-7b-instruct-q4_k_m.gguf'), makeTinyGguf());
  const [model] = await openFolder().models.look();
  expect(model?.card).toMatchObject({
    id: 'qwen2.5-coder-7b',
    provider: 'embedded',
    licence: 'Apache-2.0',
    preference: 40,
    context_tokens: 4_096,
    file_bytes: makeTinyGguf().length,
    dimensions: { attention: { kind: 'full', layers: 2, kv_heads: 2, head_dim: 16 } },
  });
});

test('a file of an unknown model speaks for itself, and its card is a good one', async () => {
  writeFileSync(join(folder, 'mine.GGUF'), makeTinyGguf({ contextTokens: 131_072 }));
  const [model] = await openFolder().models.look();
  expect(ModelCard.parse(model?.card)).toEqual(model?.card);
  expect(model?.card).toMatchObject({
    id: 'mine',
    family: 'llama',
    licence: 'cc0-1.0',
    preference: 10,
    context_tokens: 16_384,
  });
  expect(model?.card).not.toHaveProperty('server');
});

test('a model may be loaded for fewer answers at once, where memory is short', async () => {
  writeFileSync(join(folder, 'mine.gguf'), makeTinyGguf());
  const { models, sizes } = openFolder();
  await models.look();
  expect(sizes).toEqual({ mine: [2, 1] });
});

test('a runtime that knows no GPU needs the memory of the machine, whatever GPU there is', async () => {
  writeFileSync(join(folder, 'mine.gguf'), makeTinyGguf());
  const gpu = readingOf('rtx-4090-24gb.csv', 512);
  const demand = { promptTokens: 0, answerTokens: 1 };
  const [slow] = await openFolder({ usesGpu: false }).models.look();
  const [fast] = await openFolder().models.look();
  if (slow === undefined || fast === undefined) throw new Error('no model was found');
  expect(memoryReason(fast.card, demand, gpu)).toBeUndefined();
  expect(memoryReason(slow.card, demand, gpu)).toBe(
    'it needs 1.0 GiB at 4096 tokens of context and this machine, on whose processor it would run, has 0.5 GiB free',
  );
});

test('a loaded model counts as served, because its memory is taken already', async () => {
  writeFileSync(join(folder, 'mine.gguf'), makeTinyGguf());
  const { models, pids } = openFolder();
  pids.set('mine', 4_711);
  expect((await models.look())[0]?.card.server).toBe('embedded');
});

test('a file that is no whole model is told once with its reason, and not offered', async () => {
  writeFileSync(join(folder, 'cut.gguf'), makeTinyGguf().subarray(0, 100_000));
  writeFileSync(join(folder, 'page.gguf'), '<html>');
  writeFileSync(join(folder, 'x.gguf.part'), 'GGUF');
  const { models, flaws } = openFolder();
  expect(await models.look()).toEqual([]);
  await models.look();
  expect(flaws).toEqual([
    expect.stringMatching(/^cut\.gguf: truncated: /),
    'page.gguf: not a GGUF file: it starts with "<htm"',
  ]);
});

test('a file that is replaced or removed ends its process', async () => {
  const file = join(folder, 'mine.gguf');
  writeFileSync(file, makeTinyGguf());
  const { models, closed } = openFolder();
  await models.look();
  writeFileSync(file, makeTinyGguf({ layers: 1 }));
  expect(await models.look()).toHaveLength(1);
  expect(closed).toEqual(['mine']);
  unlinkSync(file);
  expect(await models.look()).toEqual([]);
  expect(closed).toEqual(['mine', 'mine']);
});

test('without the runtime no file is offered, and without the folder neither', async () => {
  writeFileSync(join(folder, 'mine.gguf'), makeTinyGguf());
  const none = new EmbeddedModels({
    ...{
      folder,
      runtime: undefined,
      cards: [],
      slots: 1,
      threads: 1,
      usesGpu: false,
      onFlaw: () => undefined,
    },
    open: () => expect.fail('nothing can be opened'),
  });
  expect(await none.look()).toEqual([]);
  rmSync(folder, { recursive: true });
  expect(await openFolder().models.look()).toEqual([]);
});
