import { expect, test } from 'vitest';
import type { FoundServer } from '../../../lib/llm/findServers.ts';
import { whereLooked } from '../../../lib/llm/whereLooked.ts';

test('without a configuration the usual places are named, but for our own', () => {
  expect(whereLooked({ modelServers: undefined, port: 8080 }, [])).toEqual([
    'ollama on 11434',
    'lm-studio on 1234',
    'vllm on 8000',
    'sglang on 30000',
    'llama-server on 9931',
  ]);
});

test('with one each server is named with what came of it', () => {
  const server = {
    name: 'gpu-box',
    kind: 'openai-compatible',
    url: 'http://10.0.0.5:8000',
  } as const;
  const found: FoundServer[] = [
    { ...server, models: [], problem: 'no answer in 2000 ms' },
    { ...server, name: 'empty', models: [] },
    { ...server, name: 'other', models: ['bge-m3'] },
  ];
  expect(whereLooked({ modelServers: [server], port: 1 }, found)).toEqual([
    'gpu-box at http://10.0.0.5:8000 (no answer in 2000 ms)',
    'empty at http://10.0.0.5:8000 (it lists no models)',
    'other at http://10.0.0.5:8000 (it lists none that chats)',
  ]);
});
