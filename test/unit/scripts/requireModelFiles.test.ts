import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadConfig } from '../../../lib/config/config.ts';
import { requireModelFiles } from '../../../scripts/start/requireModelFiles.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'cards-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function fileWith(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}

test('a flawed file of model cards stops the start, by its line', async () => {
  const MODELS_FILE = fileWith('mine.yaml', '- id: mine\n  file_bytes: -5\n');
  await expect(requireModelFiles(loadConfig({ MODELS_FILE }))).rejects.toMatchObject({
    name: 'ConfigError',
    message: expect.stringContaining(`${MODELS_FILE}:2: card 1 (mine) file_bytes: Too small`),
  });
});

test('a flawed file of recorded answers stops it too, a good file and none do not', async () => {
  const REPLAY_FILE = fileWith('answers.json', '{');
  await expect(requireModelFiles(loadConfig({ REPLAY_FILE }))).rejects.toThrow('answers.json');
  const MODELS_FILE = fileWith('good.json', '[]');
  await expect(requireModelFiles(loadConfig({ MODELS_FILE }))).resolves.toBeUndefined();
  await expect(requireModelFiles(loadConfig({}))).resolves.toBeUndefined();
});
