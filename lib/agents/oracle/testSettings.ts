import * as z from 'zod';

/** Words in build files that decide what a test run does, or whether its failures count. */
const DECISIVE: readonly [RegExp, RegExp][] = [
  [/(^|\/)Cargo\.toml$/, /^\s*(harness|autotests|test|doctest)\s*=|^\s*\[\[test\]\]/],
  [/(^|\/)pom\.xml$/, /skipTests|skipITs|maven\.test\.|testFailureIgnore/],
  [/(^|\/)build\.gradle(\.kts)?$/, /ignoreFailures|setIgnoreFailures|-x\s+test/],
  [
    /(^|\/)((GNUm|[Mm])akefile|[^/]+\.mk)$/,
    /^\t|^(test|check)\b|NDEBUG|FLAGS|(^|\s)-[DIL]|^\s*-?s?include\b|\$\((shell|eval)|^\s*(CC|CXX|CPP|LD|SHELL|VPATH)\b|^\s*(override|define)\b/,
  ],
  [
    /(^|\/)CMakeLists\.txt$|\.cmake$/,
    /add_test|enable_testing|discover_tests|NDEBUG|definitions|compile_options|link_options|_FLAGS|BUILD_TYPE|set_(tests|target|source_files)_propert|WILL_FAIL|DISABLED|^\s*include\s*\(|execute_process|add_custom/,
  ],
];
const PYTHON = /(^|\/)(pyproject\.toml|setup\.cfg|tox\.ini)$/;
const MANIFEST = /(^|\/)package\.json$/;
const LOCKFILE = /(^|\/)package-lock\.json$/;

/** True for a file that holds settings of test runs among other things. */
export function holdsTestSettings(path: string): boolean {
  return (
    MANIFEST.test(path) ||
    LOCKFILE.test(path) ||
    PYTHON.test(path) ||
    DECISIVE.some(([file]) => file.test(path))
  );
}

/**
 * The file as it is to be judged: an answer may change dependencies and metadata, but how tests are run stays as it was
 * on the base tree. `before` is undefined where the base tree has no such file; so is the result where the file is to go.
 */
export function withBaseTestSettings(
  path: string,
  { before, now }: { before: string | undefined; now: string },
): string | undefined {
  if (MANIFEST.test(path)) return before === undefined ? now : withBaseScripts(before, now);
  if (LOCKFILE.test(path)) return bringsPackages(before, now) ? before : now;
  if (settingsIn(path, before ?? '') === settingsIn(path, now)) return now;
  if (before !== undefined) return before;
  return PYTHON.test(path) ? undefined : now;
}

function settingsIn(path: string, text: string): string {
  if (PYTHON.test(path)) return pytestSection(text);
  const words = DECISIVE.find(([file]) => file.test(path))?.[1];
  if (words === undefined) return '';
  const lines = text.split('\n').filter((line) => words.test(line));
  return lines.map((line) => line.trim()).join('\n');
}

function pytestSection(text: string): string {
  const sections = text.split(/^(?=\[)/m).filter((part) => /^\[(tool\.|tool:)?pytest/.test(part));
  return sections.map((section) => section.trim()).join('\n');
}

const Manifest = z.looseObject({ scripts: z.record(z.string(), z.unknown()).optional() });
type Manifest = z.infer<typeof Manifest>;

const TEST_SCRIPTS = ['pretest', 'test', 'posttest'] as const;
/** Runners that take their settings from package.json. */
const RUNNERS = ['jest', 'mocha', 'ava', 'tap', 'vitest'] as const;

function withBaseScripts(before: string, now: string): string {
  const [base, answer] = [parseManifest(before), parseManifest(now)];
  // One that cannot be read is judged as it is: npm will say so.
  if (base === undefined || answer === undefined) return now;
  const scripts = { ...answer.scripts, ...chosen(base.scripts ?? {}, TEST_SCRIPTS) };
  for (const name of TEST_SCRIPTS) if (base.scripts?.[name] === undefined) delete scripts[name];
  const settings = Object.fromEntries(RUNNERS.map((name) => [name, undefined]));
  const merged = { ...answer, ...settings, ...chosen(base, RUNNERS), scripts };
  return sameSettings(base, answer) ? now : `${JSON.stringify(merged, null, 2)}\n`;
}

function sameSettings(base: Manifest, answer: Manifest): boolean {
  const decisive = (manifest: Manifest) =>
    JSON.stringify([chosen(manifest.scripts ?? {}, TEST_SCRIPTS), chosen(manifest, RUNNERS)]);
  return decisive(base) === decisive(answer);
}

function chosen(from: Record<string, unknown>, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(names.flatMap((name) => (name in from ? [[name, from[name]]] : [])));
}

const Lockfile = z.object({
  packages: z.record(
    z.string(),
    z.looseObject({ name: z.string().optional(), integrity: z.string().optional() }),
  ),
});

/** True where the answer has a package be another one, or a folder of its own: it might be the one that runs the tests. */
function bringsPackages(before: string | undefined, now: string): boolean {
  const [base, answer] = [lockedIn(before ?? '{}'), lockedIn(now)];
  return Object.entries(answer).some(([path, entry]) => {
    if (path === '' || JSON.stringify(base[path]) === JSON.stringify(entry)) return false;
    return entry.integrity === undefined || entry.name !== undefined;
  });
}

function lockedIn(text: string): z.infer<typeof Lockfile>['packages'] {
  try {
    return Lockfile.safeParse(JSON.parse(text)).data?.packages ?? {};
  } catch (error) {
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}

function parseManifest(text: string): Manifest | undefined {
  try {
    const parsed = Manifest.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
