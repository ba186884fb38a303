import { describe } from 'vitest';
import { createOpenAiCompatible } from '../../lib/llm/adapters/openaiCompatible.ts';
import { startScriptedModelServer } from '../support/scriptedModelServer.ts';
import { modelProviderContract } from './modelProvider.ts';

describe('openai-compatible', () => {
  modelProviderContract(async () => {
    const server = await startScriptedModelServer({
      answers: ['### FILE: adder.py\n```python\ndef add(a, b):\n    return a + b\n```\n'],
    });
    const provider = createOpenAiCompatible({ name: 'scripted', url: server.url });
    return { provider, answerable: {}, close: server.close };
  });
});
