import { expect, test } from 'vitest';
import { failedMessages } from '../../../infra/offline/failedMessages.ts';

const ids = ['a', 'b', 'c'];

test.each([
  ['nothing', undefined],
  ['null', null],
  ['an empty object', {}],
  ['an empty list', { batchItemFailures: [] }],
  ['a null list', { batchItemFailures: null }],
])('an answer of %s fails no message', (_name, answer) => {
  expect(failedMessages(answer, ids)).toEqual(new Set());
});

test('the reported messages fail, and no other', () => {
  const answer = { batchItemFailures: [{ itemIdentifier: 'b' }] };
  expect(failedMessages(answer, ids)).toEqual(new Set(['b']));
});

test.each([
  ['an unknown id', { batchItemFailures: [{ itemIdentifier: 'x' }] }],
  ['an empty id', { batchItemFailures: [{ itemIdentifier: '' }] }],
  ['no id', { batchItemFailures: [{}] }],
  ['another form', { batchItemFailures: 'b' }],
  ['text', 'done'],
])('%s fails the whole batch', (_name, answer) => {
  expect(failedMessages(answer, ids)).toEqual(new Set(ids));
});
