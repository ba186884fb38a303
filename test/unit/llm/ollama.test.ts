import { describe, expect, test } from 'vitest';
import { generateRequest } from '../../support/generateRequest.ts';
import { remoteBench } from '../../support/remoteBench.ts';

const { serve } = remoteBench('ollama');

/** A prompt of about that many tokens. */
function prompt(tokens: number) {
  return [{ role: 'user' as const, content: 'word '.repeat((tokens * 4) / 5) }];
}

test('the request asks for a context, for no thinking, and never for a cut prompt', async () => {
  const { provider, server } = await serve(['ok']);
  await provider.generate(generateRequest({ maxTokens: 77, temperature: 0.5, seed: 9 }));
  expect(server.requests[0]).toMatchObject({
    path: '/api/chat',
    body: {
      model: 'scripted-model',
      messages: [{ role: 'system' }, { role: 'user' }],
      stream: true,
      think: false,
      truncate: false,
      shift: false,
      options: { num_ctx: 8_192, num_predict: 77, temperature: 0.5, seed: 9 },
    },
  });
});

test.each([
  [1_000, 1_000, 8_192],
  [5_000, 1_000, 16_384],
  [20_000, 4_000, 65_536],
])(
  'a prompt of %i tokens and an answer of %i get a context of %i',
  async (asked, maxTokens, context) => {
    const usage = { prompt_tokens: asked, completion_tokens: 1 };
    const { provider, server } = await serve([{ text: 'ok', usage }]);
    await provider.generate(generateRequest({ messages: prompt(asked), maxTokens }));
    expect(server.requests[0]?.body.options).toMatchObject({ num_ctx: context });
  },
);

describe('a prompt that the server has cut to its context', () => {
  const cut = { text: 'nonsense', usage: { prompt_tokens: 2_048, completion_tokens: 3 } };

  test('is told by the number of tokens that it read', async () => {
    const { provider } = await serve([cut]);
    await expect(
      provider.generate(generateRequest({ messages: prompt(9_000) })),
    ).rejects.toMatchObject({
      kind: 'context_overflow',
      message:
        'the model server read 2048 tokens of a prompt of about 9000: it cut it to its context',
    });
  });

  test('is not taken for one that is short in tokens', async () => {
    const { provider } = await serve([cut]);
    const answer = await provider.generate(generateRequest({ messages: prompt(5_000) }));
    expect(answer).toMatchObject({ text: 'nonsense', promptTokens: 2_048 });
  });
});
