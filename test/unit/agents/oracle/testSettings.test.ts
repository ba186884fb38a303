import { describe, expect, it } from 'vitest';
import { withBaseTestSettings } from '../../../../lib/agents/oracle/testSettings.ts';

describe('the settings of test runs', () => {
  it('keep the test script of the base tree, and take new dependencies', () => {
    const before = '{ "scripts": { "test": "node --test" } }';
    const now =
      '{ "scripts": { "test": "echo OK", "build": "tsc" }, "dependencies": { "a": "1" } }';
    const judged = withBaseTestSettings('package.json', { before, now });
    expect(JSON.parse(judged ?? '')).toEqual({
      scripts: { test: 'node --test', build: 'tsc' },
      dependencies: { a: '1' },
    });
  });

  it('drop what an answer adds around the test script', () => {
    const before = '{ "scripts": { "test": "node --test" } }';
    const now = '{ "scripts": { "pretest": "rm -r test", "test": "node --test" }, "jest": {} }';
    const judged = withBaseTestSettings('package.json', { before, now });
    expect(JSON.parse(judged ?? '')).toEqual({ scripts: { test: 'node --test' } });
  });

  it('leave a file alone that changes nothing of them', () => {
    const before = '{ "scripts": { "test": "node --test" } }';
    const now = '{ "version": "2.0.0", "scripts": { "test": "node --test" } }';
    expect(withBaseTestSettings('package.json', { before, now })).toBe(now);
  });

  it('take a pytest section of the answer away', () => {
    const now = '[tool.pytest.ini_options]\naddopts = "-p hide"\n';
    expect(withBaseTestSettings('pyproject.toml', { before: undefined, now })).toBeUndefined();
    const before = '[project]\nname = "shop"\n';
    expect(withBaseTestSettings('pyproject.toml', { before, now: before + now })).toBe(before);
  });

  it('let a new dependency of a Python project pass', () => {
    const before = '[tool.pytest.ini_options]\naddopts = "-q"\n';
    const now = `[project]\ndependencies = ["x"]\n${before}`;
    expect(withBaseTestSettings('pyproject.toml', { before, now })).toBe(now);
  });

  it.each([
    ['Cargo.toml', '[package]\n', '[package]\n[[test]]\nharness = false\n'],
    ['pom.xml', '<project/>', '<project><testFailureIgnore>true</testFailureIgnore></project>'],
    ['app/build.gradle', 'test {}', 'test { ignoreFailures = true }'],
  ])('of %s are those of the base tree', (path, before, now) => {
    expect(withBaseTestSettings(path, { before, now })).toBe(before);
  });
});
