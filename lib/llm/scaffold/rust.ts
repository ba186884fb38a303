import {
  noticeLines,
  type ScaffoldRequest,
  type SourceFile,
  snakeCase,
  stemOf,
} from './sourceFile.ts';

const CRATE_ROOTS = ['src/lib.rs', 'src/main.rs'];

/** Modules that hold their own smoke test, a crate root that names them, and Cargo.toml where there is none. */
export function rustFiles(request: ScaffoldRequest): SourceFile[] {
  const sources = request.missing.filter((path) => path.endsWith('.rs'));
  if (sources.length === 0) return [];
  const manifest: SourceFile = {
    path: 'Cargo.toml',
    content: '[package]\nname = "scaffold"\nversion = "0.1.0"\nedition = "2021"\n',
  };
  return [
    ...crateRoot(sources, request),
    ...sources.filter((path) => !CRATE_ROOTS.includes(path)).map((path) => module(path, request)),
    ...(request.existingFiles.includes(manifest.path) ? [] : [manifest]),
  ];
}

/** The roots that were asked for; a library root when nothing else would have the modules compiled. */
function crateRoot(sources: readonly string[], request: ScaffoldRequest): SourceFile[] {
  const asked = sources.filter((path) => CRATE_ROOTS.includes(path));
  const isThere = CRATE_ROOTS.some((path) => request.existingFiles.includes(path));
  const roots = asked.length > 0 || isThere ? asked : ['src/lib.rs'];
  return roots.map((path, index) => {
    const modules = index === 0 ? modulesBelow(sources) : '';
    const main = path === 'src/main.rs' ? '\nfn main() {}\n' : '';
    return { path, content: `${noticeLines('//', request.goal)}${modules}${main}${SMOKE_TEST}` };
  });
}

function modulesBelow(sources: readonly string[]): string {
  return sources
    .filter(
      (path) =>
        path.startsWith('src/') && !CRATE_ROOTS.includes(path) && !path.startsWith('src/bin/'),
    )
    .map((path) => `\n#[path = "${path.slice('src/'.length)}"]\nmod ${moduleName(path)};\n`)
    .join('');
}

function moduleName(path: string): string {
  const below = path.slice('src/'.length).replace(/\.rs$/, '');
  return snakeCase(stemOf(path) === 'mod' ? below.replace(/\/mod$/, '') : below);
}

function module(path: string, { goal }: ScaffoldRequest): SourceFile {
  const main =
    path.startsWith('src/bin/') || path.startsWith('examples/') ? '\nfn main() {}\n' : '';
  const test = path.startsWith('tests/') ? INTEGRATION_TEST : SMOKE_TEST;
  return { path, content: `${noticeLines('//', goal)}${main}${test}` };
}

const SMOKE_TEST = `
#[cfg(test)]
mod smoke {
    // Proves that the module compiles, not that the goal was met.
    #[test]
    fn the_module_compiles() {}
}
`;

const INTEGRATION_TEST = `
// Proves that the crate compiles, not that the goal was met.
#[test]
fn the_crate_compiles() {}
`;
