import type { RemoteTree } from './source.ts';

export interface Refused {
  why: string;
  remedy: string;
}

type Reason = (tree: RemoteTree) => { kind: 'denied' | 'missing' } & Refused;

/** What git says, by what it means for who asked. */
const REASONS: readonly [RegExp, Reason][] = [
  [
    /returned error: 30\d|redirect/i,
    ({ url }) => ({
      kind: 'denied',
      why: `${url} redirects, and redirects are not followed`,
      remedy: 'Give the address that it leads to; its host, too, must be among REPO_HOSTS.',
    }),
  ],
  [
    /couldn't find remote ref|not our ref|unadvertised object/i,
    ({ url, ref = 'HEAD' }) => ({
      kind: 'missing',
      why: `${url} has no ${ref}`,
      remedy: 'Give a branch, a tag, or a full commit id that the server hands out.',
    }),
  ],
  [
    /could not read (?:Username|Password)|Authentication failed|returned error: 40[134]|not found/i,
    ({ url }) => ({
      kind: 'missing',
      why: `${url} is not there, or it is private: the worker uses no credentials`,
      remedy: 'Check the address, or put the code below the workspace root and name its path.',
    }),
  ],
];

/** Of a fetch that failed with `message`. */
export function whyNotFetched(message: string, tree: RemoteTree): ReturnType<Reason> {
  const reason = REASONS.find(([pattern]) => pattern.test(message));
  if (reason !== undefined) return reason[1](tree);
  return {
    kind: 'missing',
    why: `${tree.url} could not be fetched: ${message}`,
    remedy: 'Resume the task to try again, or name a folder below the workspace root.',
  };
}
