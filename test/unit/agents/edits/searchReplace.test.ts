import { describe, expect, test } from 'vitest';
import { file, parse } from '../../../support/modelAnswer.ts';

describe('SEARCH/REPLACE', () => {
  const source = 'class A {\n    int f() {\n        return 1;\n    }\n}\n';
  const edit = (search: string, replace: string, path = 'src/A.java') =>
    file(path, `<<<<<<< SEARCH\n${search}=======\n${replace}>>>>>>> REPLACE\n`);
  const run = (answer: string, tree: Record<string, string> = { 'src/A.java': source }) =>
    parse(answer, { expected: [], tree });

  test('an exact passage is replaced', () => {
    expect(run(edit('        return 1;\n', '        return 2;\n')).files['src/A.java']).toBe(
      'class A {\n    int f() {\n        return 2;\n    }\n}\n',
    );
  });

  test('a passage with another indentation is moved to where it was', () => {
    expect(
      run(edit('int f() {\n    return 1;\n}\n', 'int f() {\n    return 3;\n}\n')).files[
        'src/A.java'
      ],
    ).toBe('class A {\n    int f() {\n        return 3;\n    }\n}\n');
  });

  test('two pairs in one block are applied in order, trailing spaces aside', () => {
    const answer = file(
      'src/A.java',
      '<<<<<<< SEARCH\nclass A {  \n=======\nclass B {\n>>>>>>> REPLACE\n\n<<<<<<< SEARCH\n        return 1;\n=======\n>>>>>>> REPLACE\n',
    );
    expect(run(answer).files['src/A.java']).toBe('class B {\n    int f() {\n    }\n}\n');
  });

  test('an abbreviated path means the one existing file', () => {
    const answer = edit('        return 1;\n', '        return 2;\n', 'A.java');
    expect(Object.keys(run(answer).files)).toEqual(['src/A.java']);
  });

  test('a passage that is not there names the nearest lines', () => {
    expect(run(edit('    int f() {\n        return 9;\n    }\n', 'x\n')).problems).toEqual([
      {
        code: 'search_miss',
        path: 'src/A.java',
        detail: 'closest lines 2-4:\n    int f() {\n        return 1;\n    }',
      },
    ]);
  });

  test('a passage that is there twice is not guessed', () => {
    expect(run(edit('x\n', 'y\n'), { 'src/A.java': 'x\nx\n' }).problems).toEqual([
      {
        code: 'search_ambiguous',
        path: 'src/A.java',
        detail: 'the passage is there 2 times, at lines 1, 2',
      },
    ]);
  });

  test('a pair without its end is malformed', () => {
    expect(run(file('src/A.java', '<<<<<<< SEARCH\nx\n')).codes).toEqual([
      'malformed_edit src/A.java',
    ]);
  });

  test('a file that is not there cannot be searched', () => {
    expect(run(edit('x\n', 'y\n', 'src/B.java')).problems).toEqual([
      { code: 'search_miss', path: 'src/B.java', detail: 'the file does not exist' },
    ]);
  });

  test('an empty SEARCH creates a file', () => {
    expect(run(edit('', 'class B {}\n', 'src/B.java')).files['src/B.java']).toBe('class B {}\n');
  });

  test('a file with Windows line ends is searched and kept so', () => {
    const tree = { 'a.py': 'x = 1\r\ny = 1\r\n' };
    expect(run(edit('y = 1\n', 'y = 2\n', 'a.py'), tree).files['a.py']).toBe('x = 1\r\ny = 2\r\n');
  });
});
