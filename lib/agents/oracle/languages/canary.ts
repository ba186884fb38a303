import { randomBytes } from 'node:crypto';
import { appendFileSync, writeFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import type { OracleSetting } from '../plan.ts';
import { isTestModule } from '../testFiles.ts';

/**
 * A test of a name that nobody can know, which must be among those that ran: output that the code under test printed in
 * the place of the runner's lacks it.
 */
export function canaryName(): string {
  return `oracle_${randomBytes(8).toString('hex')}`;
}

/** One file beside the tests of each Go package; answers with the folders. */
export function plantInGo({ tree, project }: OracleSetting, name: string): string[] {
  const folders = new Map<string, string>();
  for (const path of tree.files) {
    if (!isTestModule('go', path) || !isBelow(path, project.root)) continue;
    const packageName = /^package\s+(\w+)/m.exec(tree.read(path) ?? '')?.[1];
    if (packageName !== undefined) folders.set(posix.dirname(path), packageName);
  }
  for (const [folder, packageName] of folders) {
    const text = `package ${packageName}\n\nimport "testing"\n\nfunc Test_${name}(t *testing.T) {}\n`;
    writeFileSync(join(tree.root, folder, `zz_${name}_test.go`), text);
  }
  return [...folders.keys()];
}

/** At the end of each test file of a crate, last in its alphabet; answers with the files. */
export function plantInRust({ tree, project }: OracleSetting, name: string): string[] {
  const files = tree.files.filter(
    (path) => isTestModule('rust', path) && isBelow(path, project.root),
  );
  for (const path of files) {
    appendFileSync(join(tree.root, path), `\n#[test]\nfn zz_${name}() {}\n`);
  }
  return files;
}

function isBelow(path: string, root: string): boolean {
  return root === '.' || path.startsWith(`${root}/`);
}
