import { describe, expect, it } from 'vitest';
import { withBaseTestSettings } from '../../../../lib/agents/oracle/testSettings.ts';

function lockfile(packages: Record<string, object>): string {
  return JSON.stringify({ lockfileVersion: 3, packages: { '': { name: 'shop' }, ...packages } });
}

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

  it('let an answer add sources to a Makefile and packages to a lockfile', () => {
    const makefile = 'SOURCES = a.c\n\ntest: a\n\t./a\n';
    const grown = makefile.replace('a.c', 'a.c b.c');
    expect(withBaseTestSettings('Makefile', { before: makefile, now: grown })).toBe(grown);
    const before = lockfile({ 'node_modules/a': { version: '1.0.0', integrity: 'sha512-a' } });
    const now = lockfile({ 'node_modules/a': { version: '2.0.0', integrity: 'sha512-b' } });
    expect(withBaseTestSettings('package-lock.json', { before, now })).toBe(now);
  });

  it.each([
    ['another package', { name: 'evil', version: '1.0.0', integrity: 'sha512-e' }],
    ['a folder of its own', { resolved: 'evil', link: true }],
  ])('do not let an answer put %s in the place of one', (_, entry) => {
    const before = lockfile({ 'node_modules/vitest': { version: '5.0.0', integrity: 'sha512-v' } });
    const now = lockfile({ 'node_modules/vitest': entry });
    expect(withBaseTestSettings('package-lock.json', { before, now })).toBe(before);
    expect(withBaseTestSettings('package-lock.json', { before: undefined, now })).toBeUndefined();
  });

  it.each([
    ['Cargo.toml', '[package]\n', '[package]\n[[test]]\nharness = false\n'],
    ['pom.xml', '<project/>', '<project><testFailureIgnore>true</testFailureIgnore></project>'],
    ['Makefile', 'test: a\n\t./a\n', 'test: a\n\t@echo OK\n'],
    ['Makefile', 'CFLAGS = -g\n', 'CFLAGS = -g -DNDEBUG\n'],
    ['CMakeLists.txt', 'add_test(NAME a COMMAND a)', 'add_test(NAME a COMMAND true)'],
    ['app/build.gradle', 'test {}', 'test { ignoreFailures = true }'],
  ])('of %s are those of the base tree', (path, before, now) => {
    expect(withBaseTestSettings(path, { before, now })).toBe(before);
  });
});
