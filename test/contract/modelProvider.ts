import { afterEach, beforeEach, expect, test } from 'vitest';
import type { GenerateRequest, ModelProvider } from '../../lib/llm/llm.ts';
import { generateRequest } from '../support/generateRequest.ts';

export interface ProviderUnderTest {
  provider: ModelProvider;
  /** Fields of a request that the provider can answer. */
  answerable: Partial<GenerateRequest>;
  close?: () => Promise<void>;
}

/** What every provider promises, whoever speaks behind it. */
export function modelProviderContract(start: () => Promise<ProviderUnderTest>): void {
  let underTest: ProviderUnderTest;
  beforeEach(async () => {
    underTest = await start();
  });
  afterEach(async () => {
    await underTest.close?.();
  });

  function generate(overrides: Partial<GenerateRequest> = {}) {
    const request = generateRequest({ ...underTest.answerable, ...overrides });
    return underTest.provider.generate(request);
  }

  test('the pieces of the stream make up the answer', async () => {
    let streamed = '';
    const { text, finish } = await generate({ onText: (delta) => (streamed += delta) });
    expect(text).not.toBe('');
    expect(streamed).toBe(text);
    expect(finish).toBe('stop');
  });

  test('the answer comes in more than one piece', async () => {
    const pieces: string[] = [];
    await generate({ onText: (delta) => pieces.push(delta) });
    expect(pieces.length).toBeGreaterThan(1);
  });

  test('tokens are whole numbers', async () => {
    const { promptTokens, generatedTokens } = await generate();
    expect(Number.isInteger(promptTokens) && promptTokens >= 0).toBe(true);
    expect(Number.isInteger(generatedTokens) && generatedTokens >= 0).toBe(true);
  });

  test('a signal that has fired already ends the call with its reason', async () => {
    const reason = new Error('the task was cancelled');
    await expect(generate({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });

  test('an abort in the middle of the answer ends the call with its reason', async () => {
    const controller = new AbortController();
    const reason = new Error('the task was cancelled');
    const answered = generate({
      signal: controller.signal,
      onText: () => controller.abort(reason),
    });
    await expect(answered).rejects.toBe(reason);
  });

  test('two calls at once do not mix their pieces', async () => {
    const streamed = ['', ''];
    const answers = await Promise.all(
      streamed.map((_, index) =>
        generate({
          onText: (delta) => {
            streamed[index] += delta;
          },
        }),
      ),
    );
    expect(answers.map(({ text }) => text)).toEqual(streamed);
  });
}
