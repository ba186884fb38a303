import { baseName } from './sourceFile.ts';

/** A class to be written, with where it stands. */
export interface JavaClass {
  path: string;
  /** Everything before the package's folders: "src/main/java/", "app/src/main/java/", "". */
  sourceRoot: string;
  packageName: string;
  name: string;
}

const KEYWORDS = new Set(
  'abstract assert boolean break byte case catch char class const continue default do double else enum extends final finally float for goto if implements import instanceof int interface long native new package private protected public return short static strictfp super switch synchronized this throw throws transient try void volatile while true false null var yield record sealed permits'.split(
    ' ',
  ),
);

/** The package is told by the folders below the source root. */
export function javaClass(path: string): JavaClass {
  const sourceRoot = sourceRootOf(path);
  const folders = path.slice(sourceRoot.length).split('/').slice(0, -1);
  const isPackage = folders.every(isIdentifier);
  return {
    path,
    sourceRoot,
    packageName: isPackage ? folders.join('.') : '',
    name: baseName(path).slice(0, -'.java'.length),
  };
}

function sourceRootOf(path: string): string {
  return /^(?:.*\/)?src\/(?:main|test)\/java\//.exec(path)?.[0] ?? /^src\//.exec(path)?.[0] ?? '';
}

export function isIdentifier(name: string): boolean {
  return /^[A-Za-z_$][\w$]*$/.test(name) && name !== '_' && !KEYWORDS.has(name);
}

export function qualified({ packageName, name }: JavaClass): string {
  return packageName === '' ? name : `${packageName}.${name}`;
}
