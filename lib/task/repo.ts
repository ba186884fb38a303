import * as z from 'zod';

const LIMITS = { path: 1_024, globs: 64, url: 2_048, ref: 255 } as const;

const Globs = z.array(z.string().min(1).max(LIMITS.path)).max(LIMITS.globs);

const RepoPath = z
  .string()
  .min(1)
  .max(LIMITS.path)
  .refine((path) => !hasControlCharacter(path), 'must not hold control characters');

const RepoUrl = z
  .string()
  .min(1)
  .max(LIMITS.url)
  .refine(
    isPlainHttpsUrl,
    'must be an https URL of a repository, without user, password, query or fragment',
  );

const RepoRef = z
  .string()
  .min(1)
  .max(LIMITS.ref)
  .refine(isPlainRef, 'must be the name of a branch or a tag, or a full commit id');

/** Where the code is: a folder below the workspace, or what a Git server has. */
export const Repo = z
  .strictObject({
    path: RepoPath.optional(),
    /** Fetched by the worker when the operator allows its host; its result is a patch, which is applied nowhere. */
    url: RepoUrl.optional(),
    ref: RepoRef.optional(),
    include: Globs.optional(),
    exclude: Globs.optional(),
  })
  .superRefine((repo, context) => {
    const flaw = flawOf(repo);
    if (flaw !== undefined) context.addIssue({ code: 'custom', ...flaw });
  })
  .meta({ oneOf: [{ required: ['path'] }, { required: ['url'] }] });
export type Repo = z.infer<typeof Repo>;

function flawOf({ path, url, ref }: { path?: unknown; url?: unknown; ref?: unknown }) {
  if (path === undefined && url === undefined) {
    return { path: ['path'], message: 'is missing: give a path below the workspace, or a url' };
  }
  if (path !== undefined && url !== undefined) {
    return { path: ['url'], message: 'cannot stand beside path: give one of them' };
  }
  if (ref !== undefined && url === undefined) {
    return { path: ['ref'], message: 'belongs to a url; a folder is taken as it is' };
  }
  return undefined;
}

export type RepoSource =
  | { kind: 'folder'; path: string }
  | { kind: 'remote'; url: string; ref: string | undefined };

/** Which of the two a repository is. */
export function repoSource({ path, url, ref }: Repo): RepoSource {
  if (url !== undefined) return { kind: 'remote', url, ref };
  if (path !== undefined) return { kind: 'folder', path };
  throw new Error('a repository without path and url is refused when it is parsed');
}

/** The host of a URL as REPO_HOSTS names it: with its port unless it is 443. */
export function hostOf(url: string): string {
  return new URL(url).host;
}

function isPlainHttpsUrl(text: string): boolean {
  // What URL would repair in silence: spaces, backslashes, control characters, other alphabets.
  if (!/^https:\/\/[\x21-\x7e]+$/.test(text) || text.includes('\\')) return false;
  if (!URL.canParse(text)) return false;
  const { username, password, search, hash, pathname } = new URL(text);
  return username + password + search + hash === '' && !text.includes('@') && pathname !== '/';
}

/** A part of what `git check-ref-format` takes: nothing that could be an option, a range or a search. */
function isPlainRef(ref: string): boolean {
  const isSafe = /^[A-Za-z0-9_][A-Za-z0-9_.+/-]*$/.test(ref);
  return isSafe && !/\.\.|\/\/|\/\.|\.lock(?:\/|$)|[/.]$/.test(ref);
}

export function hasControlCharacter(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  return /[\u0000-\u001f\u007f]/.test(text);
}
