import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');
const STATEMENT =
  /\b(select\s[^;'"]*\sfrom\s|insert\s+into\s|update\s+[a-z_]+\s+set\s|delete\s+from\s)/;
const HOMES = /^lib\/(store|events\/adapters|db\/migrations)\//;

function filesWithSql(): string[] {
  return globSync('{lib,functions}/**/*.{ts,sql}', { cwd: root }).filter((file) => {
    const code = readFileSync(join(root, file), 'utf8').replace(
      /\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm,
      '',
    );
    return STATEMENT.test(code);
  });
}

test('SQL text lives in the store, the event adapters and the migrations only', () => {
  expect(filesWithSql().filter((file) => !HOMES.test(file))).toEqual([]);
});

test('the search for SQL finds it where it is', () => {
  expect(filesWithSql().filter((file) => file.startsWith('lib/store/')).length).toBeGreaterThan(10);
});
