import { RelativePath } from '../../task/payload.ts';

export type Target = { kind: 'path'; path: string } | { kind: 'unsafe' } | { kind: 'ambiguous' };

interface Tree {
  expected: readonly string[];
  existing: readonly string[];
  /** Paths that the answer names exactly: they are never the guess for another name. */
  claimed: ReadonlySet<string>;
  /** True for SEARCH/REPLACE: the file must be there, so an abbreviated path may mean any existing file. */
  mustExist: boolean;
}

/** The file of the tree that a path written by a model means. The result is always safe, or there is none. */
export function targetPath(written: string, tree: Tree): Target {
  const path = normalised(written);
  if (!RelativePath.safeParse(path).success) return { kind: 'unsafe' };
  if (tree.expected.includes(path) || tree.existing.includes(path)) return { kind: 'path', path };
  const guessed = guess(path, tree);
  if (guessed?.kind !== 'path') return guessed ?? { kind: 'path', path };
  return RelativePath.safeParse(guessed.path).success ? guessed : { kind: 'unsafe' };
}

/** Forward slashes, no leading "./", no doubled slash. Absolute paths and ".." stay, to be refused. */
export function normalised(written: string): string {
  const path = written
    .trim()
    .replaceAll('\\', '/')
    .replaceAll('/./', '/')
    .replace(/\/{2,}/g, '/');
  return path.startsWith('./') ? path.slice(2) : path;
}

function guess(path: string, tree: Tree): Target | undefined {
  const lower = path.toLowerCase();
  const expected = tree.expected.filter((known) => !tree.claimed.has(known));
  const existing = tree.existing.filter((known) => !tree.claimed.has(known));
  const sameButCase = (known: string) => known.toLowerCase() === lower;
  const isSuffix = (known: string) => isAbbreviation(lower, known) || isPrefixed(path, known, tree);
  const mayMean = tree.mustExist ? isSuffix : (known: string) => isPrefixed(path, known, tree);
  return (
    unique(expected.filter(sameButCase)) ??
    unique(existing.filter(sameButCase)) ??
    unique(expected.filter(isSuffix)) ??
    unique(existing.filter(mayMean))
  );
}

/** "App.java" for "src/main/java/App.java". */
function isAbbreviation(lower: string, known: string): boolean {
  return known.toLowerCase().endsWith(`/${lower}`);
}

/**
 * "my-project/src/App.java" for "src/App.java", when the tree has no folder "my-project".
 * A bare file name below a folder is another file.
 */
function isPrefixed(path: string, known: string, tree: Tree): boolean {
  if (!known.includes('/') || !path.toLowerCase().endsWith(`/${known.toLowerCase()}`)) return false;
  const folder = `${path.split('/')[0]}/`;
  return ![...tree.existing, ...tree.expected].some((there) => there.startsWith(folder));
}

function unique(found: readonly string[]): Target | undefined {
  const distinct = [...new Set(found)];
  if (distinct.length > 1) return { kind: 'ambiguous' };
  const [path] = distinct;
  return path === undefined ? undefined : { kind: 'path', path };
}
