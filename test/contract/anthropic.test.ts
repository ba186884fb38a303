import { describe } from 'vitest';
import { createRemoteServer } from '../../lib/llm/adapters/remoteServer.ts';
import { startScriptedModelServer } from '../support/scriptedModelServer.ts';
import { modelProviderContract } from './modelProvider.ts';
import { remoteAnswersContract } from './remoteAnswers.ts';
import { remoteFaultsContract } from './remoteFaults.ts';

describe('anthropic', () => {
  modelProviderContract(async () => {
    const server = await startScriptedModelServer({
      answers: ['### FILE: adder.py\n```python\ndef add(a, b):\n    return a + b\n```\n'],
    });
    const provider = createRemoteServer({ kind: 'anthropic', name: 'scripted', url: server.url });
    return { provider, answerable: {}, close: server.close };
  });

  remoteAnswersContract('anthropic');
  remoteFaultsContract('anthropic');
});
