import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type GitServer, git } from './gitServer.ts';

/** Two commits on main, a branch, a tag, and everything that could run something at the reader's. */
export function makeShop({ folder }: GitServer): [string, string] {
  const shop = join(folder, 'work');
  write(shop, 'cart.py', 'total = 0\n');
  write(shop, 'src/deep.txt', 'deep\n');
  git(shop, 'init', '--quiet');
  const before = commit(shop, 'first');
  git(shop, 'tag', 'v1');
  write(shop, 'cart.py', 'total = 1\n');
  write(shop, '.gitattributes', '*.bin filter=lfs diff=lfs merge=lfs -text\n*.py filter=evil\n');
  write(shop, 'model.bin', 'version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n');
  write(
    shop,
    '.gitmodules',
    '[submodule "sub"]\n\tpath = sub\n\turl = https://127.0.0.1:1/sub.git\n',
  );
  symlinkSync('cart.py', join(shop, 'link.py'));
  git(shop, 'add', '--all');
  git(shop, 'update-index', '--add', '--cacheinfo', `160000,${before},sub`);
  git(shop, 'commit', '--quiet', '--message', 'second');
  const after = git(shop, 'rev-parse', 'HEAD');
  git(shop, 'branch', 'feature/x', before);
  git(folder, 'clone', '--quiet', '--bare', shop, join(folder, 'shop.git'));
  return [before, after];
}

export function commit(repository: string, message: string): string {
  git(repository, 'add', '--all');
  git(repository, 'commit', '--quiet', '--message', message);
  return git(repository, 'rev-parse', 'HEAD');
}

export function write(folder: string, file: string, text: string | Buffer): void {
  mkdirSync(dirname(join(folder, file)), { recursive: true });
  writeFileSync(join(folder, file), text);
}
