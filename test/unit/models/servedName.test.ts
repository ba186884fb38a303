import { expect, test } from 'vitest';
import { knownModel, mayChat } from '../../../lib/models/servedName.ts';
import { modelCard } from '../../support/modelCard.ts';

const CARDS = [
  'qwen2.5-coder-1.5b',
  'qwen2.5-coder-7b',
  'qwen3-coder-30b-a3b',
  'qwen3-coder-next',
  'devstral-small-2',
  'gpt-oss-20b',
  'glm-4.7-flash',
].map((id) => modelCard({ id }));

test.each([
  ['qwen2.5-coder:7b', 'qwen2.5-coder-7b'],
  ['qwen2.5-coder:7b-instruct-q4_K_M', 'qwen2.5-coder-7b'],
  ['Qwen/Qwen2.5-Coder-7B-Instruct-GGUF', 'qwen2.5-coder-7b'],
  ['Qwen/Qwen2.5-Coder-7B-Instruct-AWQ', 'qwen2.5-coder-7b'],
  ['/models/qwen2.5-coder-7b-instruct-q4_k_m.gguf', 'qwen2.5-coder-7b'],
  ['C:\\models\\Qwen2.5-Coder-1.5B-Instruct-Q8_0.gguf', 'qwen2.5-coder-1.5b'],
  ['qwen3-coder:30b', 'qwen3-coder-30b-a3b'],
  ['unsloth/Qwen3-Coder-30B-A3B-Instruct-GGUF:Q4_K_M', 'qwen3-coder-30b-a3b'],
  ['Qwen3-Coder-30B-A3B-Instruct-2507-UD-Q4_K_XL-00001-of-00002.gguf', 'qwen3-coder-30b-a3b'],
  ['Qwen/Qwen3-Coder-Next', 'qwen3-coder-next'],
  ['mistralai/Devstral-Small-2-24B-Instruct-2512', 'devstral-small-2'],
  ['gpt-oss:20b', 'gpt-oss-20b'],
  ['zai-org/GLM-4.7-Flash', 'glm-4.7-flash'],
])('%s is %s', (served, id) => {
  expect(knownModel(served, CARDS)?.id).toBe(id);
});

test.each([
  'qwen2.5:7b',
  'qwen2.5-coder',
  'qwen3-coder',
  'llama3.1:8b',
  'gpt-oss:120b',
  '',
  '///',
  ':',
])('%j is nobody known', (served) => {
  expect(knownModel(served, CARDS)).toBeUndefined();
});

test.each([
  ['text-embedding-nomic-embed-text-v1.5', false],
  ['BAAI/bge-m3', false],
  ['jina-reranker', false],
  ['whisper-large', false],
  ['qwen2.5-coder:7b', true],
  ['starcoder', true],
])('%s may chat: %s', (served, may) => {
  expect(mayChat(served)).toBe(may);
});
