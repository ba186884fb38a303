import { describe } from 'vitest';
import { createReplay } from '../../lib/llm/adapters/replay.ts';
import { generateRequest } from '../support/generateRequest.ts';
import { modelProviderContract } from './modelProvider.ts';

describe('replay', () => {
  modelProviderContract(async () => {
    const { goal, step } = generateRequest().context;
    const text = `### FILE: adder.py\n\`\`\`python\n${'# a long answer\n'.repeat(20)}\`\`\`\n`;
    return { provider: createReplay({ answers: [{ goal, step, text }] }), answerable: {} };
  });
});
