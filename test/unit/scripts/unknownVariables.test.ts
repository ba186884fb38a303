import { expect, test } from 'vitest';
import { unknownVariables } from '../../../scripts/start/unknownVariables.ts';

test('a misspelt variable of the .env is told with the one that is meant', () => {
  expect(unknownVariables(['WORKER_CONCURENCY', 'PORT'])).toEqual([
    '.env: WORKER_CONCURENCY is no variable of this service; is WORKER_CONCURRENCY meant?',
  ]);
});

test('one that resembles nothing is told without a guess', () => {
  expect(unknownVariables(['FOO', 'FAVOURITE_COLOUR_OF_THE_HOUSE'])).toEqual([
    '.env: FOO is no variable of this service',
    '.env: FAVOURITE_COLOUR_OF_THE_HOUSE is no variable of this service',
  ]);
});

test('variables of agentctl and of the libraries are none of its business', () => {
  const names = ['AGENTCTL_URL', 'AWS_PROFILE', 'OTEL_SERVICE_NAME', 'NO_COLOR', 'https_proxy'];
  expect(unknownVariables(names)).toEqual([]);
});
