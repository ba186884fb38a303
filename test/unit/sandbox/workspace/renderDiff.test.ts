import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { diffTrees } from '../../../../lib/sandbox/workspace/patch.ts';
import { renderDiff } from '../../../../lib/sandbox/workspace/renderDiff.ts';
import type { FileChange } from '../../../../lib/task/patch.ts';

const base64 = (text: string | null) =>
  text === null ? null : Buffer.from(text).toString('base64');

function diffOf(path: string, before: string | null, after: string | null, modes = {}): string {
  const change: FileChange = { path, before: base64(before), after: base64(after), mode: 0o644 };
  const changes = [{ ...change, ...modes }];
  return renderDiff({ base_tree_hash: 'a', tree_hash: 'b', changes });
}

describe('a diff', () => {
  test('shows changed lines with three lines around them', () => {
    expect(diffOf('a.py', '1\n2\n3\n4\n5\n6\n', '1\n2\n3\n4\nfive\n6\n')).toBe(
      'diff --git a/a.py b/a.py\n--- a/a.py\n+++ b/a.py\n@@ -2,5 +2,5 @@\n 2\n 3\n 4\n-5\n+five\n 6\n',
    );
  });

  test('names new and deleted files with their modes', () => {
    expect(diffOf('run.sh', null, 'ls\n', { mode: 0o755 })).toBe(
      'diff --git a/run.sh b/run.sh\nnew file mode 100755\n--- /dev/null\n+++ b/run.sh\n@@ -0,0 +1 @@\n+ls\n',
    );
    expect(diffOf('old.txt', 'x\n', null)).toBe(
      'diff --git a/old.txt b/old.txt\ndeleted file mode 100644\n--- a/old.txt\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\n',
    );
  });

  test('tells a change of the mode alone, an empty file and a missing last line break', () => {
    expect(diffOf('a', 'x\n', 'x\n', { mode: 0o755, before_mode: 0o644 })).toBe(
      'diff --git a/a b/a\nold mode 100644\nnew mode 100755\n',
    );
    expect(diffOf('__init__.py', null, '')).toBe(
      'diff --git a/__init__.py b/__init__.py\nnew file mode 100644\n',
    );
    expect(diffOf('a', 'x\n', 'x')).toContain('-x\n+x\n\\ No newline at end of file\n');
  });

  test('of bytes that are no text tells only that they differ', () => {
    expect(diffOf('logo.bin', 'a\0b', 'a\0c')).toBe(
      'diff --git a/logo.bin b/logo.bin\nBinary files a/logo.bin and b/logo.bin differ\n',
    );
  });

  test('quotes a path that could be misread', () => {
    expect(diffOf('a\n"b"\u001b.py', null, '')).toMatch(
      /^diff --git "a\/a\\n\\"b\\"\\033\.py" "b\//,
    );
  });

  test('of texts that have nothing in common is one replacement, in little time', () => {
    const lines = (word: string) =>
      Array.from({ length: 20_000 }, (_, at) => `${word} ${at}\n`).join('');
    const started = performance.now();
    const diff = diffOf('big.txt', lines('old'), lines('new'));
    expect(diff).toContain('@@ -1,20000 +1,20000 @@');
    expect(performance.now() - started).toBeLessThan(10_000);
  });
});

describe('git', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'agent-diff-'));
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  function write(folder: string, files: Record<string, string>): string {
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(root, folder, path)), { recursive: true });
      writeFileSync(join(root, folder, path), content);
    }
    return join(root, folder);
  }

  test('applies it to the tree before and gets the tree after', async () => {
    const long = Array.from({ length: 200 }, (_, at) => `line ${at}`);
    const edited = long.toSpliced(3, 2, 'new').toSpliced(150, 0, 'more', 'and more');
    const base = write('base', {
      'src/long.txt': long.join('\n'),
      'gone/away.txt': 'x\ny\n',
      'run.sh': 'ls\n',
      'crlf.txt': 'a\r\nb\r\n',
    });
    const work = write('work', {
      'src/long.txt': `${edited.join('\n')}\n`,
      'new/deep/file ü.txt': 'no line break at the end',
      'run.sh': 'ls\n',
      'crlf.txt': 'a\r\nc\r\n',
    });
    chmodSync(join(work, 'run.sh'), 0o755);
    const patch = await diffTrees({ base, work });
    const git = (...args: string[]) =>
      execFileSync('git', args, { cwd: base, input: renderDiff(patch), encoding: 'utf8' });
    git('init', '-q');
    git('apply', '-p1', '-');
    rmSync(join(base, '.git'), { recursive: true });
    expect((await diffTrees({ base, work })).changes).toEqual([]);
  });
});
