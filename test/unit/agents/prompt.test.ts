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
