export const CALC = 'def add(a, b):\n    return a + b\n';
export const RIGHT = `${CALC}\n\ndef subtract(a, b):\n    return a - b\n`;
export const BETTER = `${CALC}\n\ndef subtract(a, b):\n    """Return a less b."""\n    return a - b\n`;
export const BROKEN = 'def add(a, b):\n    return a + b\n\n\ndef subtract(a, b)\n';
export const BASE_TEST =
  'import unittest\nimport calc\n\nclass Calc(unittest.TestCase):\n    def test_adds(self):\n        self.assertEqual(calc.add(3, 1), 4)\n';
export const NEW_TEST =
  'import unittest\nimport calc\n\nclass Subtract(unittest.TestCase):\n    def test_subtracts(self):\n        self.assertEqual(calc.subtract(3, 1), 2)\n';
/** Its tests speak for what was there, not for the goal. */
export const SCENE = {
  language: 'python' as const,
  tree: { 'calc.py': CALC, 'test_calc.py': BASE_TEST },
  expected: ['calc.py'],
  goal: 'Add subtract(a, b) to calc.py.',
};

/** What a reviewer answers. */
export function review(verdict: 'approve' | 'revise' | 'reject', message?: string): string {
  const issues =
    message === undefined ? [] : [{ path: 'calc.py', line: 6, severity: 'medium', message }];
  const scores = { goal: 3, correctness: 3, style: 1, safety: 4 };
  return `Here it is:\n\`\`\`json\n${JSON.stringify({ verdict, scores, issues })}\n\`\`\``;
}
