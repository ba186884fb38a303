import { describe, expect, test } from 'vitest';
import {
  type Facts,
  hasBoth,
  hierarchyIn,
  isPopulated,
  makerOf,
  ownGroup,
  placeOf,
  ranOutOfMemory,
  whyNotDelegated,
} from '../../../../lib/sandbox/cgroup/delegation.ts';

const UNIT = '/user.slice/user-1000.slice/user@1000.service/app.slice/run-u7.scope';
const MOUNTS = [
  '24 1 0:22 / /proc rw,nosuid shared:12 - proc proc rw',
  '30 24 0:26 / /sys/fs/cgroup rw,nosuid,nodev,noexec,relatime shared:9 - cgroup2 cgroup2 rw,nsdelegate',
].join('\n');

test.each([
  ['0::/user.slice/a b.scope\n', '/user.slice/a b.scope'],
  ['0::/\n', '/'],
  ['9:name=systemd:/\n4:memory:/process\n0::/x\n', '/x'],
  ['4:memory:/process\n', undefined],
  ['', undefined],
])('the own group in %j is %j', (text, group) => {
  expect(ownGroup(text)).toBe(group);
});

test.each([
  [MOUNTS, { root: '/', at: '/sys/fs/cgroup' }],
  [
    '31 24 0:27 /docker/7 /my\\040groups rw - cgroup2 cgroup rw',
    { root: '/docker/7', at: '/my groups' },
  ],
  ['32 24 0:28 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory', undefined],
  ['', undefined],
])('the hierarchy of %j is at %j', (mountinfo, hierarchy) => {
  expect(hierarchyIn(mountinfo)).toEqual(hierarchy);
});

describe('the place of the groups of runs', () => {
  test.each([
    [UNIT, { base: `/sys/fs/cgroup${UNIT}`, hasMoved: false }],
    [`${UNIT}/agent-service`, { base: `/sys/fs/cgroup${UNIT}`, hasMoved: true }],
    ['/', { base: '/sys/fs/cgroup', hasMoved: false }],
    ['/agent-service', { base: '/sys/fs/cgroup', hasMoved: true }],
    ['/..', undefined],
    ['/../other', undefined],
  ])('for a service in %s it is %j', (own, place) => {
    expect(placeOf(`0::${own}\n`, MOUNTS)).toEqual(place);
  });

  test('is looked for below the part of the hierarchy that is mounted', () => {
    const part = '30 24 0:26 /box /sys/fs/cgroup rw - cgroup2 cgroup2 rw';
    expect(placeOf('0::/box/a\n', part)?.base).toBe('/sys/fs/cgroup/a');
    expect(placeOf('0::/other\n', part)).toBeUndefined();
  });
});

describe('a group', () => {
  const handed: Facts = {
    place: { base: '/g', hasMoved: false },
    controllers: 'cpu io memory pids\n',
    mayWrite: true,
    isHanded: true,
  };
  test.each<[Partial<Facts>, string | undefined]>([
    [{}, undefined],
    [{ place: undefined }, 'there is no cgroup v2 of this process here'],
    [{ controllers: 'cpu memory' }, '/g has no pids controller'],
    [{ controllers: '' }, '/g has no memory and no pids controller'],
    [{ mayWrite: false }, '/g may not be written by this user'],
    [{ isHanded: false }, '/g is not delegated to this service'],
    [{ isHanded: false, place: { base: '/g', hasMoved: true } }, undefined],
  ])('with %j is not delegated because %j', (facts, reason) => {
    expect(whyNotDelegated({ ...handed, ...facts })).toBe(reason);
  });
});

test('both controllers must be passed on', () => {
  expect(hasBoth('cpu memory pids\n')).toBe(true);
  expect(hasBoth('memory hugetlb\n')).toBe(false);
  expect(hasBoth('')).toBe(false);
});

test.each([
  ['low 0\nhigh 0\nmax 12\noom 1\noom_kill 3\noom_group_kill 1\n', true],
  // The machine as a whole was full: no limit of the run.
  ['max 0\noom 0\noom_kill 1\n', false],
  // It was full and what was asked for was refused: the program goes on.
  ['max 12\noom 1\noom_kill 0\n', false],
  ['', false],
])('memory.events %j tells of a full group: %j', (events, told) => {
  expect(ranOutOfMemory(events)).toBe(told);
});

test('a group is populated as long as a process lives in it', () => {
  expect(isPopulated('populated 1\nfrozen 0\n')).toBe(true);
  expect(isPopulated('populated 0\nfrozen 0\n')).toBe(false);
});

test('who made the group of a run is told by its name, and no other group is taken for one', () => {
  expect(makerOf('run-4711-0a1b2c')).toBe('4711');
  for (const name of ['run-u7.scope', 'agent-service', 'run-4711-', 'run-x-00', 'run-1-a.scope'])
    expect(makerOf(name)).toBeUndefined();
});
