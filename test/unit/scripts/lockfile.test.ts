import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Lockfile, missingPackages } from '../../../scripts/lockfile/missingPackages.ts';

const file = join(import.meta.dirname, '../../../package-lock.json');

test('the lock file holds every platform, or npm ci refuses it (npm run lockfile mends it)', () => {
  const lockfile = Lockfile.parse(JSON.parse(readFileSync(file, 'utf8')));
  expect(missingPackages(lockfile)).toEqual([]);
});

test('a package that is nested or stands above counts as held, and no other', () => {
  const packages = {
    '': { optionalDependencies: { top: '1.0.0', gone: '2.0.0' } },
    'node_modules/top': { optionalDependencies: { nested: '1.0.0', beside: '1.0.0' } },
    'node_modules/top/node_modules/nested': {},
    'node_modules/beside': { dev: true, optionalDependencies: { lost: '3.0.0' } },
  };
  expect(missingPackages({ packages })).toEqual([
    { name: 'gone', version: '2.0.0', dev: false },
    { name: 'lost', version: '3.0.0', dev: true },
  ]);
});

test('the lock file names no registry', () => {
  expect(readFileSync(file, 'utf8')).not.toContain('"resolved": "http');
});
