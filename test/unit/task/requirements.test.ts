import { describe, expect, test } from 'vitest';
import { declaredRequirements, requirementName } from '../../../lib/task/requirements.ts';

function declaredIn(files: Record<string, string>): string[] {
  return declaredRequirements({ files: Object.keys(files), read: (path) => files[path] });
}

describe('what a Python project requires', () => {
  test('is in its requirements files, each once', () => {
    expect(
      declaredIn({
        'requirements.txt':
          '# of the shop\nattrs==23.2.0\n\nuvicorn[standard] >= 0.20, < 1  # serves\n',
        'requirements-dev.txt': 'pytest\nattrs==23.2.0\n',
        'requirements/test.txt': "tomli>=2; python_version < '3.11'\n",
        'docs/requirements.txt': 'sphinx\n',
      }),
    ).toEqual([
      'attrs==23.2.0',
      'uvicorn[standard] >= 0.20, < 1',
      'pytest',
      "tomli>=2; python_version < '3.11'",
    ]);
  });

  test('is in pyproject.toml, with its groups', () => {
    const project = `[build-system]
requires = ["setuptools"]

[project]
name = "shop"
dependencies = [
  "attrs>=23", # a ] in a comment
  'uvicorn[standard]',
]
scripts = ["not-this"]

[project.optional-dependencies]
test = ["pytest", "pytest-cov"]

[dependency-groups]
dev = ["ruff==0.8.0"]

[tool.other]
list = ["nor-this"]
`;
    expect(declaredIn({ 'pyproject.toml': project })).toEqual([
      'attrs>=23',
      'uvicorn[standard]',
      'pytest',
      'pytest-cov',
      'ruff==0.8.0',
    ]);
  });

  test('is a name and never a path or an address, which the answer might have brought along', () => {
    const lines = [
      './evil',
      '../evil.whl',
      '/tmp/evil',
      '-e .',
      '--index-url https://example.com',
      'evil @ file:///workspace/evil',
      'git+https://example.com/evil',
      'fine==1.0 --hash=sha256:abc',
    ];
    expect(declaredIn({ 'requirements.txt': lines.join('\n') })).toEqual(['fine==1.0']);
  });

  test('is compared by name as pip does it', () => {
    expect(requirementName('Zope.Interface[test]>=1')).toBe('zope-interface');
  });
});
