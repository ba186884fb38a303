import { describe, expect, test } from 'vitest';
import { readCards } from '../../../lib/llm/readModelFiles.ts';
import { firstModel } from '../../../lib/models/firstModel.ts';
import { readingOf } from '../../support/gpuFixture.ts';

const CARDS = readCards(undefined);
const NO_GPU = { kind: 'none', why: 'nvidia-smi is not installed', ramFreeMiB: 12_288 } as const;

function advice(given: Partial<Parameters<typeof firstModel>[0]> = {}) {
  return firstModel({
    ...{
      cards: CARDS,
      gpu: NO_GPU,
      ramTotalMiB: 16_384,
      looked: ['ollama (11434)', 'vllm (8000)'],
    },
    hasOllama: false,
    ...given,
  });
}

describe('who has no model', () => {
  test('hears in three lines what was looked for, what would run, and the one command', () => {
    expect(advice()).toEqual({
      looked: 'no language model answers; looked for ollama (11434), vllm (8000)',
      could:
        '12.0 of 16.0 GiB of memory free, no GPU (nvidia-smi is not installed): room for qwen2.5-coder-7b (6.1 GiB), qwen2.5-coder-1.5b (2.4 GiB)',
      next: 'npx agentctl models pull qwen2.5-coder-7b',
    });
  });

  test('is not sent for a model that a processor is too slow for, but for one of small experts', () => {
    const gpu = { ...NO_GPU, ramFreeMiB: 65_536 };
    expect(advice({ gpu, ramTotalMiB: 65_536 }).next).toBe(
      'npx agentctl models pull qwen3-coder-30b-a3b',
    );
  });

  test.each([
    ['rtx-3060-ti-8gb.csv', 'npx agentctl models pull qwen2.5-coder-7b'],
    ['rtx-4090-24gb.csv', 'npx agentctl models pull qwen3-coder-30b-a3b'],
    ['two-gpus.csv', 'npx agentctl models pull qwen2.5-coder-14b'],
  ])('with %s is told to %s', (file, command) => {
    const { could, next } = advice({ gpu: readingOf(file) });
    expect(next).toBe(command);
    expect(could).toContain('GPU 0 NVIDIA GeForce RTX');
  });

  test('with Ollama at hand is told to ask Ollama', () => {
    expect(advice({ hasOllama: true }).next).toBe('ollama pull qwen2.5-coder:7b');
  });

  test('and no room for any is told how to name a server elsewhere', () => {
    const gpu = { ...NO_GPU, ramFreeMiB: 1_000 };
    expect(advice({ gpu, looked: [] })).toMatchObject({
      looked: 'no language model answers; looked for none, because MODEL_SERVERS is empty',
      could: expect.stringContaining(
        'no room for any of the 14 known models; the smallest needs 2.4 GiB',
      ),
      next: 'MODEL_SERVERS=name=http://HOST:PORT/v1 npm start',
    });
  });

  test('with a GPU that does not tell its memory is not promised anything', () => {
    expect(advice({ gpu: readingOf('broken.csv') })).toMatchObject({
      could: expect.stringContaining('RTX 3090 free memory not told: no room'),
    });
  });
});
