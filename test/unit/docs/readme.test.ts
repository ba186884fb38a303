import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Variables } from '../../../lib/config/variables.ts';

const readme = readFileSync(join(import.meta.dirname, '../../../README.md'), 'utf8');

test('the README lists every variable with its meaning, and no other', () => {
  const rows = readme.split('\n').flatMap((line) => {
    const [, name, meaning] = /^\| `([A-Z_]+)` \| [^|]*\| (.+) \|$/.exec(line) ?? [];
    return name === undefined ? [] : [[name, meaning]];
  });
  expect(rows).toEqual(
    Object.entries(Variables.shape).map(([name, schema]) => [name, schema.description]),
  );
});
