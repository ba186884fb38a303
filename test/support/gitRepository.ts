import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';

const AREAS = ['billing', 'catalog', 'customers', 'mail', 'orders', 'search', 'stock', 'users'];
const MODULES = 14;

/** Long enough to be changed by its passages; its rounding is wrong for amounts without cents. */
export const INVOICE = [
  '"""Totals of invoices."""',
  '',
  '',
  'def total(amounts, digits=2):',
  '    return round(sum(amounts), 1)',
  '',
  ...Array.from({ length: 260 }, (_, at) => `\ndef line_${at}(amount):\n    return amount + ${at}`),
  '',
].join('\n');

const TEST = `import unittest

from shop.billing import invoice


class InvoiceTest(unittest.TestCase):
    def test_total_keeps_its_digits(self):
        self.assertEqual(invoice.total([1.11, 2.22]), 3.33)

    def test_total_without_cents(self):
        self.assertEqual(invoice.total([10, 20], digits=0), 30)
`;

export const REPORT = '#!/usr/bin/env python3\nprint("report 1")\n';

/**
 * A repository as people have them: 120 modules with tests, an executable, a read-only file, a link, bytes that are no
 * text, Windows line ends, an edit that is not committed, files that are ignored and a hook that must never run.
 */
export function makeGitRepository(root: string): void {
  const write = (path: string, content: string | Buffer, mode = 0o644) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
    chmodSync(join(root, path), mode);
  };
  write('shop/__init__.py', '');
  for (const area of AREAS) {
    write(`shop/${area}/__init__.py`, '');
    for (let at = 0; at < MODULES; at++) {
      const code = `def handle_${area}_${at}(request):\n    return {'area': '${area}', 'at': ${at}}\n`;
      write(`shop/${area}/module_${at}.py`, code.repeat(3));
    }
    const name = `from shop.${area} import module_1\n`;
    const body = `        self.assertEqual(module_1.handle_${area}_1(None)['at'], 1)\n`;
    write(
      `tests/test_${area}.py`,
      `import unittest\n${name}\n\nclass T(unittest.TestCase):\n    def test_one(self):\n${body}`,
    );
  }
  write('tests/__init__.py', '');
  write('shop/billing/invoice.py', INVOICE);
  write('tests/test_invoice.py', TEST);
  write('bin/report', REPORT, 0o755);
  write('LICENSE', 'Do what you like.\n', 0o444);
  write('docs/guide.txt', 'one\r\ntwo\r\n');
  write('docs/logo.bin', Buffer.from([0, 255, 1, 254, 10, 13]));
  symlinkSync('guide.txt', join(root, 'docs/latest.txt'));
  write('.gitignore', '*.log\n');
  git(root, 'init', '-q', '-b', 'main');
  git(root, 'add', '-A');
  git(root, 'commit', '-qm', 'Start');
  write('.git/hooks/post-checkout', `#!/bin/sh\ntouch ${join(root, 'HOOK_RAN')}\n`, 0o755);
  write('shop/users/module_3.py', 'EDITED = True\n');
  write('notes.txt', 'not committed\n');
  write('debug.log', 'ignored\n');
}

/** What git says, without its optional writes and without anybody's own settings. */
export function git(root: string, ...argv: string[]): string {
  const who = ['-c', 'user.name=Test', '-c', 'user.email=test@example.org'];
  const env = {
    PATH: process.env['PATH'],
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_OPTIONAL_LOCKS: '0',
  };
  return execFileSync('git', ['-C', root, ...who, ...argv], { encoding: 'utf8', env });
}

/** Every file and link below a root, `.git` included: mode, and a hash of the bytes or the target. */
export function snapshotOf(root: string): Record<string, string> {
  const found: [string, string][] = [];
  for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
    const file = join(entry.parentPath, entry.name);
    const { mode } = lstatSync(file);
    found.push([relative(root, file), `${mode.toString(8)} ${contentOf(file, entry)}`]);
  }
  return Object.fromEntries(found.sort());
}

function contentOf(file: string, entry: { isDirectory(): boolean; isSymbolicLink(): boolean }) {
  if (entry.isDirectory()) return 'folder';
  if (entry.isSymbolicLink()) return readlinkSync(file);
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}
