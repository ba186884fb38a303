import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseEdits } from '../../../../lib/agents/edits/parseEdits.ts';

const PIECES = [
  '### FILE: ',
  '**',
  '`',
  '```',
  '````',
  '~~~',
  '```java',
  '```md',
  '\n',
  '\n\n',
  ' ',
  '\r\n',
  'src/App.java',
  'app.java',
  '../../etc/passwd',
  '/etc/shadow',
  'C:\\x.txt',
  '.git/config',
  'a/.git/hooks/x.sh',
  './',
  '..',
  '\u0000',
  '\u202e',
  'é.py',
  '// ... rest of the code',
  'class A {}',
  '<think>',
  '</think>',
  '<<<<<<< SEARCH',
  '=======',
  '>>>>>>> REPLACE',
  'README.md',
  'x'.repeat(1_100),
];
const answers = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 400 }),
  fc.array(fc.constantFrom(...PIECES), { maxLength: 60 }).map((pieces) => pieces.join('')),
  fc
    .tuple(fc.string({ unit: 'binary', maxLength: 60 }), fc.string({ maxLength: 60 }))
    .map(([path, content]) => `### FILE: ${path}\n\`\`\`\n${content}\n\`\`\`\n`),
  fc
    .tuple(fc.array(fc.constantFrom('..', '.', '', 'a', '.git', '~', 'C:', '\\', '/')), fc.string())
    .map(([parts, content]) => `### FILE: ${parts.join('/')}.py\n\`\`\`\n${content}\n\`\`\`\n`),
);
const finishes = fc.constantFrom('stop' as const, 'length' as const, 'disconnected' as const);
const tree: Record<string, string> = { 'src/App.java': 'class A {}\nx\n', 'lib/x.py': 'x\nx\n' };

test('whatever a model says, no file leaves the tree and nothing is thrown', async () => {
  await fc.assert(
    fc.property(answers, finishes, (answer, finish) => {
      const { files } = parseEdits(answer, {
        finish,
        expected: ['src/App.java', 'src/b/mod.rs'],
        existing: Object.keys(tree),
        read: (path) => tree[path],
        exclude: (path) => path.startsWith('lib/'),
      });
      for (const { path, content } of files) {
        expect(typeof content).toBe('string');
        const parts = path.split('/');
        expect(parts.every((part) => part !== '' && part !== '.' && part !== '..')).toBe(true);
        expect(parts.some((part) => part.toLowerCase() === '.git')).toBe(false);
        // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
        expect(path).not.toMatch(/[\u0000-\u001f\u007f\\]|^[A-Za-z]:/);
        expect(path.startsWith('lib/')).toBe(false);
      }
      expect(new Set(files.map(({ path }) => path)).size).toBe(files.length);
    }),
    { numRuns: 3_000 },
  );
});

test('an answer cut at any character gives only files of the whole answer', () => {
  const whole =
    '### FILE: a.py\n```python\nx = 1\n```\n\n### FILE: b/c.py\n```python\ny = 2\nz = 3\n```\nDone.\n';
  const complete: Record<string, string> = { 'a.py': 'x = 1\n', 'b/c.py': 'y = 2\nz = 3\n' };
  for (let length = 0; length <= whole.length; length++) {
    const { files } = parseEdits(whole.slice(0, length), {
      finish: 'length',
      expected: ['a.py', 'b/c.py'],
      existing: [],
      read: () => undefined,
      exclude: () => false,
    });
    for (const { path, content } of files) expect(content).toBe(complete[path]);
  }
});

test.each([
  ['spaces', ' '.repeat(200_000)],
  ['blank lines', '\n'.repeat(200_000)],
  ['fences', '```\n'.repeat(20_000)],
  ['markers', '### FILE: a.py\n'.repeat(20_000)],
  ['a marker and spaces', `### FILE${' '.repeat(200_000)}`],
  ['searches', '```\na.py\n<<<<<<< SEARCH\n=======\n>>>>>>> REPLACE\n'.repeat(5_000)],
  ['think tags', '<think>'.repeat(50_000)],
])('an answer of nothing but %s is read in less than five seconds', (_, answer) => {
  const started = performance.now();
  parseEdits(answer, {
    finish: 'stop',
    expected: ['a.py'],
    existing: [],
    read: () => undefined,
    exclude: () => false,
  });
  expect(performance.now() - started).toBeLessThan(5_000);
});
