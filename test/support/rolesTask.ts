import type { RecordedRequest } from './scriptedModelServer.ts';

export const ROLES = ['plan', 'code', 'tests', 'review'] as const;
export type Role = (typeof ROLES)[number];

const TEST = `import time
import unittest
import calculator

class AddTest(unittest.TestCase):
    def test_adds(self):
        self.assertEqual(calculator.add(2, 3), 5)
`;
const NEW_TEST = `import unittest
import calculator

class SubtractTest(unittest.TestCase):
    def test_subtracts(self):
        self.assertEqual(calculator.subtract(5, 3), 2)
`;
const CODE = 'def add(a, b):\n    return a + b\n\n\ndef subtract(a, b):\n    return a - b\n';

/** Four expected files want a plan, the goal wants tests, and the style a review: every role is asked once. */
export function rolesRepository(folder: string): Record<string, string> {
  return {
    [`${folder}/calculator.py`]: 'def add(a, b):\n    return a + b\n',
    [`${folder}/test_calculator.py`]: TEST,
  };
}

export function rolesTask(workspace: string, folder: string) {
  return {
    type: 'CODE',
    input: {
      language: 'python',
      frameworks: ['unittest'],
      repo: { path: `${workspace}/${folder}` },
      constraints: { style: 'plain', max_tokens: 30_000 },
      goal: 'Add subtract to calculator.py and write unit tests for it',
    },
    output_contract: { expected_files: ['calculator.py', 'one.py', 'two.py', 'three.py'] },
    oracle: { smoke: true, full: false },
  };
}

/** Whose question it is. */
export function roleOf({ body }: RecordedRequest): Role {
  const rules = body.messages?.find(({ role }) => role === 'system')?.content ?? '';
  if (rules.startsWith('You plan')) return 'plan';
  if (rules.startsWith('You review')) return 'review';
  return rules.includes('software tester') ? 'tests' : 'code';
}

const block = (path: string, content: string) =>
  `### FILE: ${path}\n\`\`\`python\n${content}\`\`\`\n`;
const json = (value: object) => `\`\`\`json\n${JSON.stringify(value)}\n\`\`\``;

/** A good answer of each role. */
export const ROLE_ANSWERS: Record<Role, string> = {
  plan: json({
    summary: 'Put subtract beside add.',
    kind: 'feature',
    files: [{ path: 'calculator.py', why: 'add lives there', action: 'edit' }],
    steps: [{ id: '1', title: 'write it', acceptance: '5 - 3 is 2' }],
  }),
  code: ['one', 'two', 'three'].reduce(
    (text, name) => text + block(`${name}.py`, `x = '${name}'\n`),
    block('calculator.py', CODE),
  ),
  tests: block('test_subtract.py', NEW_TEST),
  review: json({
    verdict: 'approve',
    scores: { goal: 4, correctness: 4, style: 4, safety: 4 },
    issues: [],
  }),
};
