import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** A repository whose test fails until `add` is written, and the task that asks for it. */
export const ADD_REPOSITORY = {
  'add/calculator.py': 'def add(a, b):\n    raise NotImplementedError\n',
  'add/test_calculator.py': [
    'import unittest',
    'from calculator import add',
    '',
    'class AddTest(unittest.TestCase):',
    '    def test_adds(self):',
    '        self.assertEqual(add(2, 3), 5)',
    '',
    'if __name__ == "__main__":',
    '    unittest.main()',
    '',
  ].join('\n'),
};

export function writeAddRepository(workspace: string): void {
  for (const [path, content] of Object.entries(ADD_REPOSITORY)) {
    mkdirSync(dirname(join(workspace, path)), { recursive: true });
    writeFileSync(join(workspace, path), content);
  }
}

/** `workspace` is absolute: the service's working directory is the checkout. */
export function addTask(workspace: string, constraints: object = {}) {
  return {
    type: 'CODE',
    input: {
      language: 'python',
      repo: { path: `${workspace}/add` },
      constraints,
      goal: 'Implement add so that it returns the sum of its arguments',
    },
    output_contract: { expected_files: ['calculator.py'] },
    oracle: { smoke: true, full: false },
  };
}

export function fileAnswer(path: string, content: string): string {
  return `Here is the file.\n\n### FILE: ${path}\n\`\`\`python\n${content}\n\`\`\`\n`;
}

export const RIGHT_ANSWER = fileAnswer('calculator.py', 'def add(a, b):\n    return a + b');
export const WRONG_ANSWER = fileAnswer('calculator.py', 'def add(a, b):\n    return a - b');
export const BROKEN_ANSWER = fileAnswer('calculator.py', 'def add(a, b)\n    return a + b');
