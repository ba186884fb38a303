/**
 * What bundles import of each package, read out of the bundles themselves: esbuild has dropped from their imports what
 * nobody uses, and writes each as one line. `pathOf` gives the path by which they import a package.
 */
export function usedExports(
  bundles: readonly string[],
  pathOf: (name: string) => string,
  packages: readonly string[],
): Map<string, Set<string>> {
  const imports = bundles.flatMap(importsOf);
  return new Map(
    [...packages].sort().map((name): [string, Set<string>] => {
      const path = pathOf(name);
      const exported = imports.filter((each) => each.path === path).flatMap(({ names }) => names);
      return [name, new Set(exported.sort())];
    }),
  );
}

interface Import {
  path: string;
  /** `default` among them. */
  names: string[];
}

function importsOf(bundle: string): Import[] {
  const found = bundle.matchAll(/^import ([^"';]+?) from "([^"]+)";$/gm);
  return [...found].map(([, clause = '', path = '']) => ({ path, names: namesIn(clause, bundle) }));
}

/** Of `{ a, b as c }`, `thing` or `* as everything`. */
function namesIn(clause: string, bundle: string): string[] {
  const namespace = /^\* as ([\w$]+)$/.exec(clause)?.[1];
  if (namespace !== undefined) return membersOf(namespace, bundle);
  const [, before = '', braced = ''] = /^([\w$]*)(?:, )?(?:\{([^}]*)\})?$/.exec(clause) ?? [];
  const named = braced.split(',').map((part) => part.trim().split(' as ')[0] ?? '');
  return [...(before === '' ? [] : ['default']), ...named.filter((name) => name !== '')];
}

/** Taken for a member too often: a word of a text that looks like one. esbuild refuses an export that is not there. */
function membersOf(namespace: string, bundle: string): string[] {
  const escaped = namespace.replaceAll('$', '\\$');
  const found = bundle.matchAll(new RegExp(`(?<![\\w$.])${escaped}\\.([\\w$]+)`, 'g'));
  return [...found].map(([, name = '']) => name);
}
