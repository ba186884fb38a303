import { describe } from 'vitest';
import { createScaffold } from '../../lib/llm/adapters/scaffold.ts';
import { modelProviderContract } from './modelProvider.ts';

describe('scaffold', () => {
  modelProviderContract(async () => ({ provider: createScaffold(), answerable: {} }));
});
