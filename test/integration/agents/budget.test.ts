import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CallLedger } from '../../../lib/agents/ledger.ts';
import { createScaffold } from '../../../lib/llm/adapters/scaffold.ts';
import { NO_USAGE, type Usage } from '../../../lib/task/view.ts';
import { file } from '../../support/modelAnswer.ts';
import { modelCard } from '../../support/modelCard.ts';
import { eventsOf, openSolveBench, type SolveBench } from '../../support/solveBench.ts';

const CALC = 'def add(a, b):\n    return a + b\n';
const TEST =
  'import unittest\nimport calc\n\nclass Calc(unittest.TestCase):\n    def test_subtracts(self):\n        self.assertEqual(calc.subtract(3, 1), 2)\n';
const RIGHT = file('calc.py', `${CALC}\n\ndef subtract(a, b):\n    return a - b\n`);
const SCENE = {
  language: 'python' as const,
  tree: { 'calc.py': CALC, 'test_calc.py': TEST },
  expected: ['calc.py'],
  constraints: { max_tokens: 2_000 },
  answers: [RIGHT],
};
const CUT: Usage = { prompt_tokens: 100, generated_tokens: 1_500, model_calls: 1, model_ms: 9 };

let bench: SolveBench;
beforeAll(async () => {
  bench = await openSolveBench();
});
afterAll(() => bench.close());

/** What a worker that was killed has left behind, and what is written down now. */
function ledgerAfter(earlier: Usage) {
  const calls: { step: string; leasedTokens: number; used: Usage | undefined }[] = [];
  const ledger: CallLedger = {
    earlier,
    open: async ({ step, leasedTokens }) => ({
      charge: async () => undefined,
      settle: async (used) => void calls.push({ step, leasedTokens, used }),
    }),
  };
  return { ledger, calls };
}

test('what a call that a crash has cut had used is gone, and counted', async () => {
  const { ledger, calls } = ledgerAfter(CUT);
  const { solved, provider } = await bench.solve({ ...SCENE, ledger });
  expect(provider.requests[0]?.maxTokens).toBe(500);
  const used = Math.ceil(RIGHT.length / 4);
  expect(solved).toMatchObject({
    verdict: { name: 'verified' },
    usage: { model_calls: 2, generated_tokens: 1_500 + used, prompt_tokens: 200 },
  });
  expect(calls).toMatchObject([
    { step: 'code.1', leasedTokens: 500, used: { generated_tokens: used, model_calls: 1 } },
  ]);
});

test('a budget that a crash has used up asks nobody, and says so', async () => {
  const { ledger, calls } = ledgerAfter({ ...CUT, generated_tokens: 2_000 });
  const { solved, provider, journal } = await bench.solve({ ...SCENE, ledger });
  expect(solved).toMatchObject({ kind: 'failed', failure: { code: 'budget_exhausted' } });
  expect(provider.requests).toEqual([]);
  expect(calls).toEqual([]);
  expect(eventsOf(journal, 'log.appended').map(({ text }) => text)).toContain(
    'code.1: the model was not asked, because max_tokens is used up\n',
  );
});

test('the scaffold is no model: it is not counted as one that was called, nor written down', async () => {
  const { ledger, calls } = ledgerAfter(NO_USAGE);
  const { solved } = await bench.solve({
    ...SCENE,
    ledger,
    expected: ['calc.py', 'extra.py'],
    provider: createScaffold(),
    model: modelCard({ id: 'scaffold', provider: 'scaffold', llm: false }),
  });
  expect(solved).toMatchObject({ kind: 'ended', usage: { model_calls: 0, generated_tokens: 0 } });
  expect(calls).toEqual([]);
});
