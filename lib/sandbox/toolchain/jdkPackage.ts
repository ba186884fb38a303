import fs from 'node:fs';

interface Packaging {
  /** How /etc/os-release calls it: `debian 12`, or `arch` where releases have no number. */
  release: string;
  /** Major versions of the JDK that the release has packages of, without sources of third parties. */
  majors: readonly number[];
  install: (major: number) => string;
}

const apt = (major: number) => `apt-get install openjdk-${major}-jdk-headless`;
const dnf = (major: number) => `dnf install java-${major === 8 ? '1.8.0' : major}-openjdk-devel`;
const pacman = (major: number) => `pacman -S jdk${major}-openjdk`;

const PACKAGINGS: readonly Packaging[] = [
  { release: 'debian 11', majors: [11, 17], install: apt },
  { release: 'debian 12', majors: [17], install: apt },
  { release: 'debian 13', majors: [21, 25], install: apt },
  { release: 'ubuntu 22.04', majors: [8, 11, 17, 21], install: apt },
  { release: 'ubuntu 24.04', majors: [8, 11, 17, 21], install: apt },
  { release: 'fedora 41', majors: [8, 11, 17, 21], install: dnf },
  { release: 'fedora 42', majors: [21], install: dnf },
  { release: 'arch', majors: [8, 11, 17, 21], install: pacman },
];

/** How a JDK is had on this machine: a package only where the distribution has one. */
export function jdkRemedy(major: number, osRelease = readOsRelease()): string {
  const field = (name: string) => new RegExp(`^${name}="?([^"\n]*)"?$`, 'm').exec(osRelease)?.[1];
  const [id = '', version = ''] = [field('ID'), field('VERSION_ID')];
  const known = PACKAGINGS.find(({ release }) => [id, `${id} ${version}`].includes(release));
  const unpack = 'unpack one, such as Eclipse Temurin, into a folder below /usr/lib/jvm';
  const anew = 'and start the worker anew';
  if (known?.majors.includes(major) === true) {
    return `Install JDK ${major} (${known.install(major)}) ${anew}.`;
  }
  if (known === undefined) {
    return `Install JDK ${major} by the package manager of this machine, or ${unpack}, ${anew}.`;
  }
  const name = field('PRETTY_NAME') ?? known.release;
  return `${name} has no package of JDK ${major}: ${unpack}, ${anew}.`;
}

function readOsRelease(): string {
  const file = '/etc/os-release';
  return fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : '';
}
