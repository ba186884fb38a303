import { describe, expect, test } from 'vitest';
import { fencedFile } from '../../../lib/agents/fencedFile.ts';
import { buildPrompt, buildRepair, repositoryRoom } from '../../../lib/agents/prompt.ts';
import { describeRepository } from '../../../lib/agents/repositoryText.ts';
import { TaskPayload } from '../../../lib/task/payload.ts';

function payload(repo: object = {}, expected: string[] = ['calc.py']) {
  return TaskPayload.parse({
    type: 'CODE',
    input: { language: 'python', repo: { path: '.', ...repo }, goal: 'Add subtract(a, b).' },
    output_contract: { expected_files: expected },
  });
}

const CONTENT: Record<string, string> = {
  'README.md': '# Calc\n',
  'calc.py': 'def add(a, b):\n    return a + b\n',
  'other.py': 'x = 1\n',
  'secret/key.txt': 'hush\n',
  'tests/test_calc.py': 'import calc\n',
  'tests/test_other.py': 'import other\n',
};
const FILES = Object.keys(CONTENT).sort();
const read = (path: string) => CONTENT[path];

describe('the repository in a prompt', () => {
  test('shows expected files first, then the tests that mention them', () => {
    const { shown, leftOut } = describeRepository(payload(), { files: FILES, read }, 10_000);
    expect(shown.slice(0, 2)).toEqual(['calc.py', 'tests/test_calc.py']);
    expect(leftOut).toEqual([]);
  });

  test('says what it leaves out', () => {
    const { shown, leftOut, text } = describeRepository(payload(), { files: FILES, read }, 250);
    expect(shown).toContain('calc.py');
    expect(leftOut).toContain('secret/key.txt');
    expect(text).toContain('Not shown, because there is no room or they are no text:');
  });

  test('reads only what the task includes, and nothing that it excludes', () => {
    const repo = { include: ['**/*.py', 'secret/**'], exclude: ['secret/**'] };
    const { text } = describeRepository(payload(repo), { files: FILES, read }, 10_000);
    expect(text).not.toContain('README.md');
    expect(text).not.toContain('secret');
  });

  test('fences a file by more backticks than it holds', () => {
    expect(fencedFile('a.md', '```js\n```')).toBe('### FILE: a.md\n````\n```js\n```\n````');
  });
});

describe('a prompt', () => {
  const repository = describeRepository(payload(), { files: FILES, read }, 10_000);

  test('is the same text at every call, and a repair starts with it', () => {
    const first = buildPrompt(payload(), repository);
    expect(buildPrompt(payload(), repository)).toEqual(first);
    const repair = buildRepair({
      first,
      files: [],
      what: 'It does not compile.',
      feedback: 'x $& y',
    });
    expect(repair.slice(0, 2)).toEqual(first);
    expect(repair.at(-1)?.content).toContain('It does not compile.\n\nx $& y');
  });

  test('keeps the task behind the repository, so that tasks on one repository share a prefix', () => {
    const [one, other] = ['Do one thing.', 'Do another thing.'].map((goal) => {
      const task = payload();
      return buildPrompt({ ...task, input: { ...task.input, goal } }, repository);
    });
    expect(one?.[0]).toEqual(other?.[0]);
    const cut = (one?.[1]?.content ?? '').indexOf('# Task');
    expect(one?.[1]?.content.slice(0, cut)).toBe(other?.[1]?.content.slice(0, cut));
    expect(cut).toBeGreaterThan(100);
  });

  test('leaves room for the answer in the context of the model', () => {
    expect(repositoryRoom(4_096, payload())).toBeLessThan(4_096 * 4);
    expect(repositoryRoom(512, payload())).toBe(0);
  });
});

describe('a repository that is larger than the context', () => {
  const names = Array.from({ length: 2_000 }, (_, at) => `pkg/module_${at}/service_${at}.py`);
  const filler = (path: string) =>
    `class ${path.replace(/\W/g, '_')}:\n    def handle(self, request):\n        return request\n`.repeat(
      6,
    );
  const target = 'pkg/billing/invoice_rounding.py';
  const invoice = 'def round_invoice_total(amount, currency):\n    return amount\n';
  const files = [...names, target, 'vendor/invoice_rounding.py'].sort();
  const readMany = (path: string) =>
    path.endsWith('invoice_rounding.py') ? invoice : filler(path);
  const goal = 'Invoices are rounded to the wrong number of digits for currencies without cents.';

  function described(repo: object = {}) {
    const task = payload(repo, []);
    const input = { ...task.input, goal };
    return describeRepository({ ...task, input }, { files, read: readMany }, 60_000);
  }

  test('shows the file that the goal is about first, and names it in the list', () => {
    const started = performance.now();
    const { shown, leftOut, text } = described({ exclude: ['vendor/**'] });
    expect(shown[0]).toBe(target);
    expect(text).toContain(`- ${target}`);
    expect(text).toContain('def round_invoice_total');
    expect(text.length).toBeLessThan(62_000);
    expect(leftOut.length).toBeGreaterThan(1_000);
    expect(performance.now() - started).toBeLessThan(15_000);
  });

  test('keeps to include and exclude', () => {
    expect(described({ exclude: ['pkg/billing/**', 'vendor/**'] }).text).not.toContain('invoice_r');
    expect(described({ include: ['pkg/module_1?/**'] }).shown).toHaveLength(10);
  });

  test('keeps the expected files and those of a plan before all others', () => {
    const task = payload({}, ['pkg/module_7/service_7.py']);
    const wanted = ['pkg/module_1999/service_1999.py'];
    const input = { ...task.input, goal };
    const { shown } = describeRepository(
      { ...task, input },
      { files, read: readMany, wanted },
      60_000,
    );
    expect(shown.slice(0, 2)).toEqual(['pkg/module_7/service_7.py', ...wanted]);
    expect(shown).toContain(target);
  });
});
