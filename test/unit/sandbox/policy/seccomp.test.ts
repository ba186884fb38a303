import { expect, test } from 'vitest';
import { seccompProgram } from '../../../../lib/sandbox/policy/seccomp.ts';
import { type SyscallTable, syscallTable } from '../../../../lib/sandbox/policy/syscalls.ts';
import { judge } from './bpf.ts';

const ALLOW = 'allow';

function tableOf(architecture: string): SyscallTable {
  const table = syscallTable(architecture);
  if (table === undefined) throw new Error(`no table for ${architecture}`);
  return table;
}

const ARCH = { x64: 0xc000003e, arm64: 0xc00000b7 };

test.each([
  { machine: 'x64', call: 'read', number: 0, args: [], answer: ALLOW },
  { machine: 'x64', call: 'execve', number: 59, args: [], answer: ALLOW },
  { machine: 'x64', call: 'ptrace', number: 101, args: [], answer: 'errno 1' },
  { machine: 'x64', call: 'mount', number: 165, args: [], answer: 'errno 1' },
  { machine: 'x64', call: 'unshare', number: 272, args: [], answer: 'errno 1' },
  { machine: 'x64', call: 'io_uring_setup', number: 425, args: [], answer: 'errno 1' },
  { machine: 'x64', call: 'bpf', number: 321, args: [], answer: 'errno 1' },
  { machine: 'x64', call: 'memfd_create', number: 319, args: [], answer: 'errno 38' },
  { machine: 'x64', call: 'clone3', number: 435, args: [], answer: 'errno 38' },
  { machine: 'x64', call: 'clone of a thread', number: 56, args: [0x003d0f00], answer: ALLOW },
  {
    machine: 'x64',
    call: 'clone into a user namespace',
    number: 56,
    args: [0x10000011],
    answer: 'errno 1',
  },
  { machine: 'x64', call: 'socket AF_INET', number: 41, args: [2, 1], answer: ALLOW },
  { machine: 'x64', call: 'socket AF_UNIX', number: 41, args: [1], answer: ALLOW },
  { machine: 'x64', call: 'socket AF_NETLINK', number: 41, args: [16], answer: ALLOW },
  { machine: 'x64', call: 'socket AF_VSOCK', number: 41, args: [40], answer: 'errno 97' },
  { machine: 'x64', call: 'socket AF_PACKET', number: 41, args: [17], answer: 'errno 97' },
  { machine: 'x64', call: 'socket AF_ALG', number: 41, args: [38], answer: 'errno 97' },
  { machine: 'x64', call: 'ioctl TCGETS', number: 16, args: [0, 0x5401], answer: ALLOW },
  { machine: 'x64', call: 'ioctl TIOCSTI', number: 16, args: [0, 0x5412], answer: 'errno 1' },
  { machine: 'x64', call: 'ioctl TIOCLINUX', number: 16, args: [0, 0x541c], answer: 'errno 1' },
  { machine: 'x64', call: 'a call of x32', number: 0x40000000 + 59, args: [], answer: 'errno 38' },
  { machine: 'arm64', call: 'read', number: 63, args: [], answer: ALLOW },
  { machine: 'arm64', call: 'execve', number: 221, args: [], answer: ALLOW },
  { machine: 'arm64', call: 'ptrace', number: 117, args: [], answer: 'errno 1' },
  { machine: 'arm64', call: 'mount', number: 40, args: [], answer: 'errno 1' },
  { machine: 'arm64', call: 'memfd_create', number: 279, args: [], answer: 'errno 38' },
  {
    machine: 'arm64',
    call: 'clone into a network namespace',
    number: 220,
    args: [0x40000011],
    answer: 'errno 1',
  },
  { machine: 'arm64', call: 'socket AF_VSOCK', number: 198, args: [40], answer: 'errno 97' },
] as const)('$machine: $call gets $answer', ({ machine, number, args, answer }) => {
  const program = seccompProgram(tableOf(machine));
  expect(judge(program, { arch: ARCH[machine], number, args })).toBe(answer);
});

test('a call of another architecture kills, whatever its number', () => {
  const program = seccompProgram(tableOf('x64'));
  expect(judge(program, { arch: 0x40000003, number: 0 })).toBe('kill');
});

test('every program is whole instructions, below the 4096 that the kernel takes, and ends by allowing', () => {
  for (const machine of ['x64', 'arm64']) {
    const program = seccompProgram(tableOf(machine));
    expect(program.length % 8).toBe(0);
    expect(program.length / 8).toBeLessThan(4096);
    expect(program.subarray(-8).toString('hex')).toBe('060000000000ff7f');
  }
});

test('a machine without a table gets no program', () => {
  expect(syscallTable('riscv64')).toBeUndefined();
});

test('a watched program hands over what may write, and nothing that only reads', () => {
  for (const machine of ['x64', 'arm64']) {
    const table = tableOf(machine);
    const program = seccompProgram(table, { watched: true });
    const { arch } = table;
    for (const { number, flags } of table.opens) {
      const open = (value: number) => {
        const args = flags === 1 ? [0, value] : [0, 0, value];
        return judge(program, { arch, number, args });
      };
      expect(['O_RDONLY', open(0), 'O_WRONLY', open(1), 'O_RDWR', open(2)]).toEqual([
        'O_RDONLY',
        'allow',
        'O_WRONLY',
        'ask',
        'O_RDWR',
        'ask',
      ]);
      expect([open(0o100), open(0o1000), open(0o2000), open(0o2000000)]).toEqual([
        'ask',
        'ask',
        'ask',
        'allow',
      ]);
    }
    expect(table.writes.map((number) => judge(program, { arch, number }))).toEqual(
      table.writes.map(() => 'ask'),
    );
    expect(judge(program, { arch, number: 437 })).toBe('errno 38');
  }
});
