import { expect, test } from 'vitest';
import { hostOf, Repo, repoSource } from '../../../lib/task/repo.ts';

test.each([
  'https://github.com/owner/repo',
  'https://github.com/owner/repo.git',
  'https://git.example.org:8443/a/b/c.git',
  'https://127.0.0.1:9000/shop.git',
])('%s can be fetched from', (url) => {
  expect(Repo.parse({ url })).toEqual({ url });
});

test.each([
  'http://github.com/owner/repo',
  'ssh://git@github.com/owner/repo',
  'git@github.com:owner/repo.git',
  'file:///etc',
  'ext::sh -c touch% /tmp/ran',
  'https://user:secret@github.com/owner/repo',
  'https://user@github.com/owner/repo',
  'https://github.com@evil.example/owner/repo',
  'https://github.com\\@evil.example/owner/repo',
  'https://github.com/owner/repo?x=1',
  'https://github.com/owner/repo#main',
  'https://github.com/ owner/repo',
  'https://github.com/owner\n/repo',
  'https://gіthub.com/owner/repo',
  'https://github.com',
  'https://github.com/',
  'https://',
  '--upload-pack=touch /tmp/ran',
  '',
])('%j is no address that is fetched from', (url) => {
  expect(Repo.safeParse({ url }).success).toBe(false);
});

test.each([
  'main',
  'feature/x',
  'v1.2.3',
  'release-1',
  '0123456789abcdef0123456789abcdef01234567',
  'refs/heads/main',
  'refs/pull/7/head',
])('%s is a state that can be asked for', (ref) => {
  expect(Repo.parse({ url: 'https://h/r', ref }).ref).toBe(ref);
});

test.each([
  '--upload-pack=sh',
  '-f',
  'main..other',
  'main:refs/heads/x',
  '+main',
  'a b',
  'main~1',
  'main^{commit}',
  'main@{1}',
  'a//b',
  'a/.b',
  'a.lock',
  'a/',
  'a.',
  '*',
  '',
])('%j is none', (ref) => {
  expect(Repo.safeParse({ url: 'https://h/r', ref }).success).toBe(false);
});

test('a repository is a folder or a URL, and only a URL has states', () => {
  const flawOf = (repo: unknown) =>
    Repo.safeParse(repo).error?.issues.map(({ path }) => path.join('.'));
  expect(flawOf({})).toEqual(['path']);
  expect(flawOf({ path: 'a', url: 'https://h/r' })).toEqual(['url']);
  expect(flawOf({ path: 'a', ref: 'main' })).toEqual(['ref']);
  expect(flawOf({ path: 'a' })).toBeUndefined();
});

test('what a repository is follows from what it has', () => {
  expect(repoSource({ path: 'a' })).toEqual({ kind: 'folder', path: 'a' });
  expect(repoSource({ url: 'https://h/r', ref: 'v1' })).toEqual({
    ...{ kind: 'remote', url: 'https://h/r', ref: 'v1' },
  });
});

test('a host is named with its port unless that is the usual one', () => {
  expect(hostOf('https://GitHub.com/a/b')).toBe('github.com');
  expect(hostOf('https://git.local:443/a')).toBe('git.local');
  expect(hostOf('https://git.local:8443/a')).toBe('git.local:8443');
});
