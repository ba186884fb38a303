import type { CodingContext, GenerateRequest } from '../../lib/llm/llm.ts';

type Overrides = Partial<Omit<GenerateRequest, 'context'>> & { context?: Partial<CodingContext> };

/** A request for one Python file, with whatever a test wants to be different. */
export function generateRequest(overrides: Overrides = {}): GenerateRequest {
  return {
    model: 'scripted-model',
    messages: [
      { role: 'system', content: 'You write code.' },
      { role: 'user', content: 'Write adder.py.' },
    ],
    maxTokens: 1_000,
    temperature: 0,
    seed: 1,
    signal: new AbortController().signal,
    onText: () => undefined,
    ...overrides,
    context: {
      step: 'code.1',
      language: 'python',
      goal: 'Add two numbers.',
      expectedFiles: ['adder.py'],
      existingFiles: [],
      nonNegotiables: {},
      ...overrides.context,
    },
  };
}
