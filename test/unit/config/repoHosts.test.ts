import { expect, test } from 'vitest';
import { parseRepoHosts } from '../../../lib/config/repoHosts.ts';

test('hosts are separated by commas, in any case, with their port', () => {
  const flaws: string[] = [];
  expect(parseRepoHosts('GitHub.com, git.local:8443 ,', flaws)).toEqual([
    'github.com',
    'git.local:8443',
  ]);
  expect(parseRepoHosts('', flaws)).toEqual([]);
  expect(flaws).toEqual([]);
});

test.each([
  'https://github.com',
  'github.com/owner',
  'github.com:443',
  '*.github.com:x',
  'a b',
  'me@h',
])('%s is no host', (text) => {
  const flaws: string[] = [];
  parseRepoHosts(`ok.example,${text}`, flaws);
  expect(flaws).toEqual([expect.stringContaining(`REPO_HOSTS: ${text} is no host`)]);
});
