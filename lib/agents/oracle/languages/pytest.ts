import type { OracleSetting } from '../plan.ts';

/** What the project itself uses: its configuration or its test files tell; a demand of the user wins. */
export function usesPytest(
  { tree, nonNegotiables }: OracleSetting,
  tests: readonly string[],
): boolean {
  if (nonNegotiables.build_tool === 'pytest') return true;
  if (nonNegotiables.build_tool === 'unittest') return false;
  const configured = ['pyproject.toml', 'setup.cfg', 'tox.ini'].some((path) =>
    /^\[(tool\.|tool:)?pytest/m.test(tree.read(path) ?? ''),
  );
  if (configured || tree.files.some((path) => /(^|\/)(conftest\.py|\.?pytest\.ini)$/.test(path))) {
    return true;
  }
  return tests.some((path) => {
    const text = tree.read(path) ?? '';
    return (
      /^\s*(import|from) pytest\b/m.test(text) ||
      (/^(async )?def test_/m.test(text) && !/\bunittest\b/.test(text))
    );
  });
}
