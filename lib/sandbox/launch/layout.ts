import fs from 'node:fs';
import path from 'node:path';
import { MIB } from '../policy/limits.ts';
import type { Mount, RunPlan } from '../run/launch.ts';
import type { Limits } from '../sandbox.ts';

/** File systems in memory that a run may write to and that go with it. */
export function scratch(limits: Limits): { path: string; bytes: number }[] {
  const bytes = limits.scratchMiB * MIB;
  return ['/tmp', '/home/sandbox', '/dev/shm'].map((folder) => ({ path: folder, bytes }));
}

type Layout = Pick<RunPlan, 'mounts' | 'links'>;

/** What of the host everybody sees: /usr, and of /etc what tools need and nothing that tells about the machine. */
export function hostLayout(etcFolder: string): Layout {
  const root = ['bin', 'sbin', 'lib', 'lib32', 'lib64'].map((name) => `/${name}`);
  const linked = root.filter((name) => isLink(name));
  const folders = ['/usr', ...root.filter((name) => fs.existsSync(name) && !isLink(name))];
  return {
    mounts: [...folders, ...chosenEtc()]
      .map(inPlace)
      .concat({ source: etcFolder, destination: ETC }),
    links: [
      ...linked.map((name) => ({ path: name, target: fs.readlinkSync(name) })),
      ...Object.keys(ETC_FILES).map((name) => ({ path: `/etc/${name}`, target: `${ETC}/${name}` })),
    ],
  };
}

export function inPlace(source: string): Mount {
  return { source, destination: source };
}

/** Writes the few files of /etc that are ours. Harmless when another process does the same. */
export function writeEtc(folder: string): void {
  fs.mkdirSync(folder, { recursive: true, mode: 0o755 });
  for (const [name, text] of Object.entries(ETC_FILES)) {
    const draft = path.join(folder, `.${name}.${process.pid}`);
    fs.writeFileSync(draft, text, { mode: 0o644 });
    fs.renameSync(draft, path.join(folder, name));
  }
}

const ETC = '/run/etc';
const ETC_FILES = {
  passwd:
    'root:x:0:0::/home/sandbox:/bin/sh\nsandbox:x:1000:1000::/home/sandbox:/bin/sh\nnobody:x:65534:65534::/:/bin/false\n',
  group: 'root:x:0:\nsandbox:x:1000:\nnogroup:x:65534:\n',
  'nsswitch.conf': 'passwd: files\ngroup: files\nhosts: files\n',
  hosts: '127.0.0.1 localhost sandbox\n::1 localhost\n',
};

/** Java's and Maven's folders below /usr are links into these. */
const ETC_NAMES =
  /^(alternatives|ld\.so\.cache|java(-.*)?|maven|gradle|python3(\..*)?|debian_version)$/;

function chosenEtc(): string[] {
  const names = fs.readdirSync('/etc').filter((name) => ETC_NAMES.test(name));
  const paths = names.map((name) => `/etc/${name}`);
  return fs.existsSync('/etc/ssl/certs') ? [...paths, '/etc/ssl/certs'] : paths;
}

function isLink(file: string): boolean {
  return fs.lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
}
