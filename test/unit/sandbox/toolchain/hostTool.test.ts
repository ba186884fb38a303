import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { findHostTool } from '../../../../lib/sandbox/toolchain/hostTool.ts';
import { findJdkTools } from '../../../../lib/sandbox/toolchain/jdks.ts';
import { versionIn } from '../../../../lib/sandbox/toolchain/versions.ts';
import { plant, scratch } from '../workspace/scratch.ts';

function program(file: string): string {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, '#!/bin/sh\n', { mode: 0o755 });
  return file;
}

test('a program outside /usr is mounted with the folder above its bin', () => {
  const root = scratch();
  const file = program(path.join(root, 'go/bin/go'));
  expect(findHostTool('go', [path.join(root, 'none'), path.dirname(file)])).toEqual({
    name: 'go',
    hostPath: file,
    command: [file],
    mounts: [{ source: path.join(root, 'go'), destination: path.join(root, 'go') }],
    folder: path.dirname(file),
  });
});

test('a link is mounted together with what it leads to', () => {
  const root = scratch();
  program(path.join(root, 'gradle-8/bin/gradle'));
  plant(root, { 'bin/gradle': { to: '../gradle-8/bin/gradle' } });
  const tool = findHostTool('gradle', [path.join(root, 'bin')]);
  expect(tool?.mounts.map(({ source }) => source)).toContain(path.join(root, 'gradle-8'));
});

test('of ~/.local only the program is shown, since much else is kept there', () => {
  const root = scratch();
  const file = program(path.join(root, '.local/bin/tool'));
  expect(findHostTool('tool', [path.dirname(file)])?.mounts).toEqual([
    { source: file, destination: file },
  ]);
});

test('a pyenv shim is followed to the version that is chosen', () => {
  const root = scratch();
  const pyenv = plant(path.join(root, '.pyenv'), { version: '3.11.7\n' });
  program(path.join(pyenv, 'shims/python3'));
  const real = program(path.join(pyenv, 'versions/3.11.7/bin/python3'));
  const tool = findHostTool('python3', [path.join(pyenv, 'shims')]);
  expect(tool?.hostPath).toBe(real);
  expect(tool?.mounts.map(({ source }) => source)).toEqual([path.join(pyenv, 'versions/3.11.7')]);
});

test('what is no program, or not there, is not found', () => {
  const root = plant(scratch(), { tool: 'not executable', 'folder/x': '' });
  fs.chmodSync(path.join(root, 'folder'), 0o755);
  expect(findHostTool('tool', [root])).toBeUndefined();
  expect(findHostTool('folder', [root])).toBeUndefined();
  expect(findHostTool('missing', [root])).toBeUndefined();
});

test('each JDK is there once, under its major version', () => {
  const root = scratch();
  for (const [name, version] of [
    ['jdk-17', '17.0.15'],
    ['jdk-8', '1.8.0_392'],
  ]) {
    program(path.join(root, `${name}/bin/java`));
    plant(root, { [`${name}/release`]: `IMPLEMENTOR="x"\nJAVA_VERSION="${version}"\n` });
  }
  program(path.join(root, 'jdk-17/bin/javac'));
  plant(root, { default: { to: 'jdk-17' }, 'docs/readme': '' });
  expect(findJdkTools(root).map((tool) => tool.name)).toEqual(['java-17', 'javac-17', 'java-8']);
});

test.each([
  ['javac 17.0.15', '17.0.15'],
  ['openjdk version "21.0.2" 2024-01-16', '21.0.2'],
  ['go version go1.26.8 linux/amd64', '1.26.8'],
  ['v24.21.0', '24.21.0'],
  ['g++ (Debian 12.2.0-14+deb12u1) 12.2.0', '12.2.0-14+deb12u1'],
  ['no number\nsecond', 'no number'],
])('the version in %j is %s', (output, version) => {
  expect(versionIn(output)).toBe(version);
});
