import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { dockerfileFlaws, parseDockerfile, readDockerfile } from '../../support/dockerfile.ts';

const root = join(import.meta.dirname, '../../..');
const worker = readDockerfile('functions/worker/Dockerfile');

test('the image of the worker has no flaw', () => {
  expect(worker.length).toBeGreaterThan(20);
  expect(dockerfileFlaws(worker)).toEqual([]);
});

test('everything that is copied from the repository exists and passes the ignore file', () => {
  const ignored = readFileSync(join(root, '.dockerignore'), 'utf8').split('\n');
  const copied = worker
    .filter(({ name, text }) => name === 'COPY' && !text.startsWith('--from'))
    .flatMap(({ text }) => text.split(/\s+/).slice(0, -1));
  expect(copied).toContain('package-lock.json');
  for (const source of copied) {
    expect(existsSync(join(root, source)), source).toBe(true);
    expect(ignored, source).toContain(`!${source}`);
  }
});

test('the image has what a task needs: isolation, Java 21 with two builders, Python, C, Git', () => {
  const installed = worker.filter(({ name }) => name === 'RUN').at(-2)?.text ?? '';
  for (const tool of [
    'bubblewrap',
    'openjdk-21-jdk-headless',
    'maven',
    'python3-pytest',
    'gcc',
    'git',
  ]) {
    expect(installed).toContain(tool);
  }
  expect(worker.some(({ name, text }) => name === 'ARG' && text === 'WITH_GO=no')).toBe(true);
  expect(worker.some(({ text }) => text.includes('/usr/local/gradle/bin/gradle'))).toBe(true);
});

test.each([
  ['FROM debian', 'line 1: debian names no exact version'],
  ['FROM debian:latest', 'line 1: debian:latest names no exact version'],
  ['FROM debian:13.1-slim\nUSER root', 'the image runs as root'],
  ['FROM debian:13.1-slim', 'no HEALTHCHECK'],
  [
    'FROM debian:13.1\nRUN apt-get update && apt-get install -y --no-install-recommends git',
    'line 2: the lists of apt stay in the layer',
  ],
  [
    'FROM debian:13.1\nRUN curl -o /x \\\n  https://example.com/x',
    'line 2: a download without a checksum',
  ],
  ['FROM debian:13.1\nENV API_KEY=abc', 'line 2: ENV would bake a secret in'],
  ['FROM debian:13.1\nRUN npm install', 'line 2: npm install beside the lockfile'],
  ['FROM debian:13.1\nADD . /x', 'line 2: ADD unpacks and downloads; COPY says what it does'],
  ['FROM debian:13.1\nCMD node x', 'line 2: CMD runs in a shell, which keeps signals to itself'],
])('%j is caught', (source, flaw) => {
  expect(dockerfileFlaws(parseDockerfile(source))).toContain(flaw);
});
