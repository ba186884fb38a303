/** A module with one function, and tests that want another. */
export const TEST = `import unittest
from calc import add, subtract

class Calc(unittest.TestCase):
    def test_adds(self):
        self.assertEqual(add(1, 2), 3)

    def test_subtracts(self):
        self.assertEqual(subtract(3, 1), 2)
`;
export const CALC = 'def add(a, b):\n    return a + b\n';
export const RIGHT = `${CALC}\n\ndef subtract(a, b):\n    return a - b\n`;
export const WRONG = `${CALC}\n\ndef subtract(a, b):\n    return b - a\n`;
export const TREE = { 'calc.py': CALC, 'tests/test_calc.py': TEST };
export const PYTHON = { language: 'python' as const, tree: TREE, expected: ['calc.py'] };
