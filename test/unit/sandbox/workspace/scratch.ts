import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';

/** A folder of its own for one test. */
export function scratch(): string {
  const folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'sandbox-test-')));
  onTestFinished(() => fs.rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Writes files (text), links ({ to }) and folders (null) below a root and gives the root back. */
export function plant(root: string, tree: Record<string, string | { to: string } | null>): string {
  fs.mkdirSync(root, { recursive: true });
  for (const [name, content] of Object.entries(tree)) {
    const file = path.join(root, name);
    fs.mkdirSync(content === null ? file : path.dirname(file), { recursive: true });
    if (typeof content === 'string') fs.writeFileSync(file, content);
    else if (content !== null) fs.symlinkSync(content.to, file);
  }
  return root;
}

/** What a tree holds: text of files, targets of links. */
export function read(root: string): Record<string, string> {
  const entries = fs.readdirSync(root, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => !entry.isDirectory());
  return Object.fromEntries(
    files
      .map((entry) => path.join(entry.parentPath, entry.name))
      .sort()
      .map((file) => [path.relative(root, file), contentOf(file)]),
  );
}

function contentOf(file: string): string {
  return fs.lstatSync(file).isSymbolicLink()
    ? `-> ${fs.readlinkSync(file)}`
    : fs.readFileSync(file, 'utf8');
}
