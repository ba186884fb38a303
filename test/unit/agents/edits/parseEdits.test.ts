import { describe, expect, test } from 'vitest';
import { APP, BUILD, FENCE, file, GRADLE, JAVA, parse } from '../../../support/modelAnswer.ts';

describe('whole files', () => {
  test('two marked files are read word for word', () => {
    const answer = `Here you are.\n\n${file(JAVA, APP, 'java')}\nAnd:\n\n${file(GRADLE, BUILD)}`;
    expect(parse(answer)).toMatchObject({ files: { [JAVA]: APP, [GRADLE]: BUILD }, codes: [] });
  });

  test.each([
    ['bold with ./', `**./${JAVA}**\n${FENCE}java\n${APP}${FENCE}`],
    ['backticks and a colon', `\`${JAVA}\`:\n${FENCE}java\n${APP}${FENCE}`],
    ['a numbered heading', `#### 1. \`${JAVA}\`\n${FENCE}java\n${APP}${FENCE}`],
    ['a path in the info string', `${FENCE}java:${JAVA}\n${APP}${FENCE}`],
    ['a title in the info string', `${FENCE}java title="${JAVA}"\n${APP}${FENCE}`],
    ['a first comment that names the file', `${FENCE}java\n// ${JAVA}\n${APP}${FENCE}`],
    ['another case', file(JAVA.toLowerCase(), APP)],
    ['the file name alone', file('App.java', APP)],
    ['backslashes', file(JAVA.replaceAll('/', '\\'), APP)],
    ['a folder of the model in front', file(`my-project/${JAVA}`, APP)],
    ['a remark behind it', `### FILE: ${JAVA} (new file)\n${FENCE}java\n${APP}${FENCE}`],
    ['backticks and a remark', `**File:** \`${JAVA}\` - created\n${FENCE}java\n${APP}${FENCE}`],
    [
      'a sentence between marker and fence',
      `### FILE: ${JAVA}\nThe class:\n${FENCE}\n${APP}${FENCE}`,
    ],
    ['tildes', `### FILE: ${JAVA}\n~~~java\n${APP}~~~`],
    ['Windows line ends', file(JAVA, APP).replaceAll('\n', '\r\n')],
    ['a forgotten last fence', `### FILE: ${JAVA}\n${FENCE}java\n${APP.trimEnd()}`],
  ])('%s means the expected file', (_, answer) => {
    expect(parse(answer, { expected: [JAVA] })).toMatchObject({
      files: { [JAVA]: APP },
      codes: [],
    });
  });

  test('a new file below the repository is taken as it is named', () => {
    const answer = file('tests/test_app.py', 'import unittest\n');
    expect(parse(answer, { expected: [] }).files).toEqual({
      'tests/test_app.py': 'import unittest\n',
    });
  });

  test('names with underscores and brackets stay whole', () => {
    const answer = `__init__.py\n${FENCE}\nx = 1\n${FENCE}\napp/(shop)/[id]/page.tsx\n${FENCE}\nok\n${FENCE}`;
    expect(Object.keys(parse(answer, { expected: [] }).files)).toEqual([
      '__init__.py',
      'app/(shop)/[id]/page.tsx',
    ]);
  });

  test('an existing file that was not expected may be changed', () => {
    const answer = file('lib/a.py', 'x = 2\n');
    expect(parse(answer, { expected: [], tree: { 'lib/a.py': 'x = 1\n' } }).files).toEqual({
      'lib/a.py': 'x = 2\n',
    });
  });

  test('a build file of a module is not taken for the one of the root', () => {
    const answer = file('app/build.gradle', BUILD);
    expect(parse(answer, { expected: [GRADLE] })).toMatchObject({
      files: { 'app/build.gradle': BUILD },
      codes: ['missing_file build.gradle'],
    });
  });

  test('an abbreviated path that fits two files is refused', () => {
    const answer = file('mod.rs', 'fn a() {}\n');
    expect(parse(answer, { expected: ['src/a/mod.rs', 'src/b/mod.rs'] }).codes).toEqual([
      'ambiguous_path mod.rs',
      'missing_file src/a/mod.rs',
      'missing_file src/b/mod.rs',
    ]);
  });

  test('one unnamed block answers a request for one file', () => {
    const answer = `Sure:\n${FENCE}java\n${APP}${FENCE}`;
    expect(parse(answer, { expected: [JAVA] }).files).toEqual({ [JAVA]: APP });
  });

  test('a command shown to the user is no file', () => {
    const answer = `Run this:\n${FENCE}sh\nmake\n${FENCE}`;
    expect(parse(answer, { expected: ['a.py'] }).codes).toEqual(['no_blocks', 'missing_file a.py']);
  });

  test('an expected file that is in the tree and was left alone is not missing', () => {
    const answer = file('lib/b.py', 'y = 1\n');
    expect(
      parse(answer, { expected: ['lib/a.py'], tree: { 'lib/a.py': 'x = 1\n' } }).codes,
    ).toEqual([]);
  });

  test('the last version wins when a model corrects itself', () => {
    const answer = `${file('a.py', '# ... existing code ...\n')}${file('a.py', 'x = 2\n')}`;
    expect(parse(answer, { expected: ['a.py'] })).toMatchObject({
      files: { 'a.py': 'x = 2\n' },
      codes: [],
    });
  });

  test('a file that was written with Windows line ends keeps them', () => {
    const answer = file('a.py', 'x = 2\ny = 3\n');
    expect(parse(answer, { expected: [], tree: { 'a.py': 'x = 1\r\ny = 1\r\n' } }).files).toEqual({
      'a.py': 'x = 2\r\ny = 3\r\n',
    });
  });

  test('an empty file is refused, but not an empty __init__.py', () => {
    const answer = `${file('a.py', '')}${file('pkg/__init__.py', '')}`;
    expect(parse(answer, { expected: [] })).toMatchObject({
      files: { 'pkg/__init__.py': '' },
      codes: ['empty a.py'],
    });
  });
});
