import { expect, test } from 'vitest';
import { jdkRemedy } from '../../../../lib/sandbox/toolchain/jdkPackage.ts';

const BOOKWORM = 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nVERSION_ID="12"\nID=debian\n';

test.each([
  [17, BOOKWORM, 'apt-get install openjdk-17-jdk-headless'],
  [21, 'ID=ubuntu\nVERSION_ID="24.04"\n', 'apt-get install openjdk-21-jdk-headless'],
  [8, 'ID=fedora\nVERSION_ID=41\n', 'dnf install java-1.8.0-openjdk-devel'],
  [21, 'ID=arch\n', 'pacman -S jdk21-openjdk'],
])('JDK %i is had by the package of the distribution', (major, osRelease, command) => {
  expect(jdkRemedy(major, osRelease)).toBe(
    `Install JDK ${major} (${command}) and start the worker anew.`,
  );
});

test('a package that the distribution does not have is not named', () => {
  expect(jdkRemedy(21, BOOKWORM)).toBe(
    'Debian GNU/Linux 12 (bookworm) has no package of JDK 21: unpack one, such as Eclipse Temurin, into a folder below /usr/lib/jvm, and start the worker anew.',
  );
});

test('on another machine the remedy names no package', () => {
  expect(jdkRemedy(21, '')).toMatch(/^Install JDK 21 by the package manager of this machine, or/);
});
