import { expect, test } from 'vitest';
import { requireFetchable } from '../../../lib/app/repoUrl.ts';

const ADDRESS = 'https://github.com/owner/shop';

test('a host that the operator allows is allowed', () => {
  expect(() =>
    requireFetchable(ADDRESS, 'verified', ['git.local:8443', 'github.com']),
  ).not.toThrow();
});

test.each([
  ['nothing is allowed', { hosts: [], code: 'repo_url_off' }],
  ['another host is', { hosts: ['gitlab.com'], code: 'repo_host_not_allowed' }],
  ['another port is', { hosts: ['github.com:8443'], code: 'repo_host_not_allowed' }],
])('where %s, the submit is refused with what to do', (_, { hosts, code }) => {
  expect(() => requireFetchable(ADDRESS, 'verified', hosts)).toThrow(
    expect.objectContaining({
      ...{ kind: 'invalid', code, remedy: expect.stringContaining('REPO_HOSTS') },
      errors: [expect.objectContaining({ pointer: '/input/repo/url' })],
    }),
  );
});

test('a result cannot be asked to be written back where nothing is to write to', () => {
  expect(() => requireFetchable(ADDRESS, 'always', ['github.com'])).toThrow(
    expect.objectContaining({
      ...{ code: 'no_workspace', remedy: expect.stringContaining('patch') },
      errors: [expect.objectContaining({ pointer: '/apply' })],
    }),
  );
});
