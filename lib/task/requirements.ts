interface Files {
  /** Relative paths. */
  files: readonly string[];
  read: (path: string) => string | undefined;
}

const REQUIREMENTS = /^(requirements[\w.-]*|requirements\/[\w.-]+)\.txt$/;

/**
 * What a Python project says it needs, as pip takes it, each once. Only names with versions: a path or an address in
 * the place of a name would install what the answer brings along.
 */
export function declaredRequirements({ files, read }: Files): string[] {
  const listed = files
    .filter((path) => REQUIREMENTS.test(path))
    .flatMap((path) => (read(path) ?? '').split('\n'));
  const project = files.includes('pyproject.toml') ? (read('pyproject.toml') ?? '') : '';
  return [...new Set([...listed, ...inProject(project)].flatMap(plainRequirement))];
}

/** The name that a requirement begins with, as pip compares names. */
export function requirementName(requirement: string): string {
  const name = /^[\w.-]+/.exec(requirement)?.[0] ?? '';
  return name.toLowerCase().replaceAll(/[-_.]+/g, '-');
}

const REQUIREMENT =
  /^[A-Za-z0-9][\w.-]*\s*(\[[\w,\s.-]+\])?\s*((===|[<>=!~]=|[<>])\s*[\w.*+!-]+\s*,?\s*)*(;.*)?$/;

function plainRequirement(line: string): string[] {
  const text = line
    .replace(/(^|\s)(#|--hash).*$/, '')
    .replace(/\\$/, '')
    .trim();
  return REQUIREMENT.test(text) ? [text] : [];
}

/** Tables of pyproject.toml whose arrays of texts are requirements. */
const TABLES = /^\[(project\.optional-dependencies|dependency-groups)\]/;

/** Blanks, comments and texts up to the bracket that ends them: a text may hold one too. */
const DEPENDENCIES = /^dependencies\s*=\s*\[((?:[\s,]|#[^\n]*|"[^"\n]*"|'[^'\n]*')*)\]/m;

function inProject(toml: string): string[] {
  return toml.split(/^(?=\[)/m).flatMap((table) => {
    if (TABLES.test(table)) return textsIn(table);
    const own = table.startsWith('[project]') ? DEPENDENCIES.exec(table)?.[1] : undefined;
    return textsIn(own ?? '');
  });
}

function textsIn(toml: string): string[] {
  return [...toml.matchAll(/"([^"\n]+)"|'([^'\n]+)'/g)].map(
    ([, double, single]) => double ?? single ?? '',
  );
}
