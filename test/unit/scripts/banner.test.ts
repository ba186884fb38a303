import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { loadConfig } from '../../../lib/config/config.ts';
import { banner } from '../../../scripts/start/banner.ts';

const ADVICE = {
  looked: 'no language model answers; looked for ollama on 11434, lm-studio on 1234, vllm on 8000',
  could: '21.8 of 23.5 GiB of memory free, no GPU: room for gpt-oss-20b (12.9 GiB)',
  next: 'npx agentctl models pull gpt-oss-20b',
};

function shown(
  environment: Record<string, string>,
  columns?: number,
  url = 'http://127.0.0.1:8080',
) {
  const system = { url, config: loadConfig(environment) };
  return stripVTControlCharacters(
    banner({ system, seconds: 5.06, columns, firstModel: ADVICE, troubles: [] }),
  );
}

test('a start with nothing set is told with the key, the folders and the next command', () => {
  const text = shown({});
  expect(text).toContain('  Ready after 5.1 s\n');
  expect(text).toContain('\n  key        dev-local, in the header X-API-Key\n');
  expect(text).toContain('\n  workspace  ./workspace\n');
  expect(text).toContain(
    '\n  get one    npx agentctl models pull gpt-oss-20b\n' +
      '  then       npx agentctl submit examples/python-roman-numerals.json\n' +
      '  or         npm run demo  (scripted answers, all else is real)\n',
  );
});

test('the next command works with a port and a key of the user’s own, which is not shown', () => {
  const text = shown({ API_KEY: 'hunter2' }, undefined, 'http://127.0.0.1:9000');
  expect(text).toContain(
    'AGENTCTL_URL=http://127.0.0.1:9000 AGENTCTL_API_KEY=... npx agentctl submit',
  );
  expect(text).not.toContain('hunter2');
});

test('that others can reach the service is said', () => {
  expect(shown({ HOST: '0.0.0.0', API_KEY: 'x' })).toContain(
    '\n  open to    every address of this machine (HOST=0.0.0.0)\n',
  );
});

test('on a terminal no line is wider than it, and text stays below text', () => {
  const rows = shown({}, 60).split('\n');
  expect(Math.max(...rows.map((row) => row.length))).toBeLessThan(60);
  expect(rows).toContain('  models     no language model answers; looked for ollama');
  expect(rows).toContain('             on 11434, lm-studio on 1234, vllm on 8000;');
});

test('a model server that cannot be used is named, though another answers', () => {
  const system = { url: 'http://127.0.0.1:8080', config: loadConfig({}) };
  const troubles = [{ server: 'box', problem: 'no answer in 2000 ms' }];
  const text = stripVTControlCharacters(
    banner({ system, seconds: 1, columns: undefined, troubles }),
  );
  expect(text).toContain('\n  not used   box: no answer in 2000 ms\n');
});
