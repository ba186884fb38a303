import type { Language } from '../../task/payload.ts';

const C_SOURCE = String.raw`\.(c|cc|cpp|cxx)$`;
const C_TEST = new RegExp(
  String.raw`(^|/)(tests?/[^/]+|test[-_][^/]*|[^/]*[-_]tests?|tests?|[A-Z]\w*Tests?)${C_SOURCE}`,
);
const SCRIPT = String.raw`\.[cm]?[jt]sx?$`;

/** Files that a runner runs, by the conventions of each language. */
const TEST_MODULES: Record<Language, RegExp> = {
  python: /(^|\/)(test_[^/]*|[^/]*_test|tests?)\.py$/,
  typescript: new RegExp(String.raw`(\.(test|spec)|[-_]test|(^|/)test(-[^/]*)?)${SCRIPT}`),
  javascript: new RegExp(String.raw`(\.(test|spec)|[-_]test|(^|/)test(-[^/]*)?)${SCRIPT}`),
  java: /(^|\/)(Test[A-Z]\w*|\w+(Test|Tests|IT|TestCase))\.java$/,
  go: /_test\.go$/,
  rust: /(^|\/)tests\/[^/]+(\/main)?\.rs$/,
  c: C_TEST,
  cpp: C_TEST,
};

/** Folders whose whole content belongs to the tests: cases, fixtures and configuration. */
const TEST_FOLDERS: Record<Language, RegExp> = {
  python: /(^|\/)tests?\//,
  typescript: /(^|\/)(__tests__|tests?|__snapshots__)\//,
  javascript: /(^|\/)(__tests__|tests?|__snapshots__)\//,
  java: /(^|\/)src\/test\//,
  go: /(^|\/)testdata\//,
  rust: /(^|\/)tests\//,
  c: /(^|\/)tests?\//,
  cpp: /(^|\/)tests?\//,
};

const FOREIGN = /(^|\/)(node_modules|\.venv|venv|site-packages|vendor|target|build|dist)\//;

/** True for a file that a test runner runs. */
export function isTestModule(language: Language, path: string): boolean {
  return TEST_MODULES[language].test(path) && !FOREIGN.test(path);
}

/** True for everything that decides what the tests say: it is taken from the base tree, whatever the answer did. */
export function isTestAsset(language: Language, path: string): boolean {
  if (FOREIGN.test(path)) return false;
  return isTestModule(language, path) || TEST_FOLDERS[language].test(path) || isTestHook(path);
}

/** Files that a runner loads by itself and that can turn every result around. */
export function isTestHook(path: string): boolean {
  return HOOKS.test(path) && !FOREIGN.test(path);
}

/** A header that the compiler would find before its own of that name. */
export function isShadowHeader(path: string): boolean {
  return SHADOWS.test(path);
}

const SHADOWS =
  /^(src\/|include\/|tests?\/)?((assert|ctype|errno|limits|math|std\w+|string|unistd)\.h|cassert|cmath|cst\w+|iostream|string|vector)$/;

const HOOKS = new RegExp(
  [
    String.raw`(^|\/)(conftest|sitecustomize|usercustomize)\.py$`,
    String.raw`(^|\/)\.?pytest\.ini$`,
    String.raw`(^|\/)(vitest|jest|ava|playwright)\.(config|setup|workspace)\.[^/]+$`,
    String.raw`(^|\/)\.(mocharc|taprc|swcrc)[^/]*$`,
    String.raw`(^|\/)\.npmrc$`,
    // Make takes these before a Makefile.
    String.raw`(^|\/)(GNUmakefile|makefile)$`,
    String.raw`(^|\/)\.cargo\/config(\.toml)?$`,
  ].join('|'),
);
