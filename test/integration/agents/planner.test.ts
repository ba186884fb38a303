import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Rows } from '../../support/memoryJournal.ts';
import { file } from '../../support/modelAnswer.ts';
import { eventsOf, openSolveBench, type SolveBench } from '../../support/solveBench.ts';
import { CALC, NEW_TEST, RIGHT, SCENE } from './subtractScene.ts';

const PLAN = {
  summary: 'Put subtract beside add.',
  kind: 'feature',
  files: [{ path: 'deep/calc.py', why: 'add lives there', action: 'edit' }],
  steps: [{ id: '1', title: 'write it', acceptance: '3 - 1 is 2' }],
};

let bench: SolveBench;
beforeAll(async () => {
  bench = await openSolveBench();
});
afterAll(() => bench.close());

describe('the planner', () => {
  const padding = Array.from({ length: 40 }, (_, at) => [
    `other/file_${at}.py`,
    `x = ${'1 + '.repeat(1_000)}1\n`,
  ]);
  const large = {
    language: 'python' as const,
    goal: 'Add subtract(a, b).',
    tree: {
      ...Object.fromEntries(padding),
      'deep/calc.py': CALC,
      'deep/test_calc.py': NEW_TEST,
    },
  };

  test('is asked once where the model cannot see everything, and the coder gets plan and files', async () => {
    const answers = [`\`\`\`json\n${JSON.stringify(PLAN)}\n\`\`\``, file('deep/calc.py', RIGHT)];
    const { solved, provider, journal } = await bench.solve({ ...large, answers });
    expect(solved).toMatchObject({ kind: 'ended', files: [{ path: 'deep/calc.py' }] });
    expect(eventsOf(journal, 'plan.written')).toMatchObject([{ step: 'plan', kind: 'feature' }]);
    const asked = provider.requests[1]?.messages[1]?.content ?? '';
    expect(asked).toContain('# Plan\n\nPut subtract beside add.');
    expect(asked).toContain('### FILE: deep/calc.py');
  });

  const hidden = {
    ...large,
    tree: {
      ...large.tree,
      'deep/rounding.py': `${'# nothing\n'.repeat(5_000)}def half_even(amount):\n    return round(amount)\n${'# nothing\n'.repeat(5_000)}`,
    },
  };
  const asking = {
    ...PLAN,
    files: [],
    needs_more_context: [{ query: 'half_even rounding' }, { query: 'zygote' }],
  };

  test('that needs to see more is shown what is found for its questions, once', async () => {
    const rows: Rows = new Map();
    const answers = [
      JSON.stringify(asking),
      JSON.stringify({ ...asking, files: PLAN.files }),
      file('deep/calc.py', RIGHT),
    ];
    const { solved, provider, journal } = await bench.solve({ ...hidden, answers, rows });
    expect(solved).toMatchObject({ kind: 'ended', files: [{ path: 'deep/calc.py' }] });
    const [first, second, third] = provider.requests.map(
      ({ messages }) => messages.at(-1)?.content ?? '',
    );
    expect(first).not.toContain('def half_even');
    expect(second).toMatch(/### FILE: deep\/rounding\.py \(lines \d+ to \d+\)/);
    expect(second).toContain('def half_even(amount):');
    expect(second).toContain('Found for "zygote":\n\nnothing new');
    expect(third).toContain('# Plan\n\nPut subtract beside add.');
    expect(third).not.toContain('half_even');
    expect(provider.requests).toHaveLength(3);
    const planning = journal.ran.filter((key) => key.startsWith('plan'));
    expect(planning).toEqual(['plan', 'plan.search', 'plan.2']);
    const later = await bench.solve({ ...hidden, answers, rows });
    expect(later.journal.ran).toEqual([]);
    expect(later.provider.requests).toEqual([]);
  });

  test('whose questions lead to nothing new is not asked again', async () => {
    const lost = { ...PLAN, needs_more_context: [{ query: 'zygote' }] };
    const { journal, solved } = await bench.solve({
      ...hidden,
      answers: [JSON.stringify(lost), file('deep/calc.py', RIGHT)],
    });
    expect(solved).toMatchObject({ kind: 'ended', files: [{ path: 'deep/calc.py' }] });
    expect(journal.ran.filter((key) => key.startsWith('plan'))).toEqual(['plan', 'plan.search']);
  });

  test('is not asked where a few named files are wanted, or all can be seen', async () => {
    const named = await bench.solve({
      ...large,
      expected: ['deep/calc.py'],
      answers: [file('deep/calc.py', RIGHT)],
    });
    expect(named.journal.ran).not.toContain('plan');
    const { journal } = await bench.solve({
      ...SCENE,
      expected: [],
      answers: [file('calc.py', RIGHT)],
    });
    expect(journal.ran).not.toContain('plan');
  });
});
