import { describe, expect, test } from 'vitest';
import { APP, BUILD, FENCE, file, GRADLE, JAVA, parse } from '../../../support/modelAnswer.ts';

describe('paths that must not be written', () => {
  test.each([
    '../../etc/passwd',
    '/etc/passwd',
    'C:\\Windows\\system.ini',
    'src/../../x.py',
    '.git/hooks/pre-commit',
    'sub/.GIT/config.x',
  ])('%s is refused', (path) => {
    expect(parse(file(path, 'x\n'), { expected: [] })).toMatchObject({
      files: {},
      codes: [`unsafe_path ${path}`],
    });
  });

  test('an excluded path is refused by name', () => {
    const exclude = (path: string) => path.startsWith('secrets/');
    expect(parse(file('secrets/key.txt', 'x\n'), { expected: [], exclude }).codes).toEqual([
      'excluded_path secrets/key.txt',
    ]);
  });
});

describe('answers that are not whole', () => {
  test('a cut answer keeps its complete files', () => {
    const answer = `${file(GRADLE, BUILD)}### FILE: ${JAVA}\n${FENCE}java\nclass App {\n  void f(`;
    expect(parse(answer, { finish: 'length' })).toMatchObject({
      files: { [GRADLE]: BUILD },
      codes: [`truncated ${JAVA}`],
    });
  });

  test('a cut connection is as a cut answer', () => {
    const answer = `### FILE: ${GRADLE}\n${FENCE}\nplug`;
    expect(parse(answer, { finish: 'disconnected', expected: [GRADLE] }).codes).toEqual([
      'truncated build.gradle',
    ]);
  });

  test('a forgotten fence does not swallow the next file', () => {
    const answer = `### FILE: ${JAVA}\n${FENCE}java\n${APP}\n${file(GRADLE, BUILD)}`;
    expect(parse(answer)).toMatchObject({
      files: { [GRADLE]: BUILD },
      codes: [`truncated ${JAVA}`],
    });
  });

  test('a file that was announced without a fence is asked for again', () => {
    const answer = `### FILE: ${GRADLE}\n${BUILD}\n${file(JAVA, APP)}`;
    expect(parse(answer).codes).toEqual(['no_fence build.gradle']);
  });

  test('an answer without code says so', () => {
    expect(parse('I cannot do that.', { expected: ['a.py'] }).codes).toEqual([
      'no_blocks',
      'missing_file a.py',
    ]);
  });

  test.each([
    '  // ... existing code ...',
    '# rest of the file unchanged',
    '/* previous methods here */',
    '// TODO implement the rest',
    '  # ...',
    '<!-- … -->',
    '// (rest of the class) ... unchanged',
  ])('the placeholder "%s" is refused', (line) => {
    expect(parse(file('a.x', `start\n${line}\n`), { expected: [] }).problems).toEqual([
      { code: 'placeholder', path: 'a.x', detail: line.trim() },
    ]);
  });

  test.each([
    '// the rest is history',
    'const x = [...a];',
    "print('...')",
    '# existing users must log in',
    'def f(self) -> int: ...',
    '    ...',
    'function f(...args: string[]) {',
  ])('"%s" is code', (line) => {
    expect(parse(file('a.x', `${line}\n`), { expected: [] }).codes).toEqual([]);
  });

  test('a placeholder that was in the file before is the user own', () => {
    const before = '# ... and so on\nx = 1\n';
    const answer = file('a.py', '# ... and so on\nx = 2\n');
    expect(parse(answer, { expected: [], tree: { 'a.py': before } }).codes).toEqual([]);
  });
});

describe('thinking and nesting', () => {
  test('files inside thinking are not read', () => {
    const answer = `<think>\n${file('a.py', 'bad\n')}</think>\n${file('a.py', 'good\n')}`;
    expect(parse(answer, { expected: ['a.py'] }).files).toEqual({ 'a.py': 'good\n' });
  });

  test('thinking that never ends leaves nothing', () => {
    expect(parse(`<think>\n${file('a.py', 'x\n')}`, { expected: [] }).codes).toEqual(['no_blocks']);
  });

  test('a think tag inside code is code', () => {
    const code = 'const tag = "<think>";\nconst end = "</think>";\n';
    expect(parse(file('a.ts', code), { expected: [] }).files).toEqual({ 'a.ts': code });
  });

  test('code blocks inside a markdown file belong to it', () => {
    const readme = `# Title\n${FENCE}sh\nls\n${FENCE}\nend\n`;
    const answer = `${file('README.md', readme, 'markdown')}${file('a.py', 'x = 1\n')}`;
    expect(parse(answer, { expected: [] }).files).toEqual({
      'README.md': readme,
      'a.py': 'x = 1\n',
    });
  });

  test('a longer fence holds shorter ones', () => {
    const readme = `${FENCE}\nplain\n${FENCE}\n### FILE: x.py\n${FENCE}\ny\n${FENCE}\n`;
    const answer = `### FILE: README.md\n\`\`\`\`markdown\n${readme}\`\`\`\`\n`;
    expect(parse(answer, { expected: [] }).files).toEqual({ 'README.md': readme });
  });
});
