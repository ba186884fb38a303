import type { SyscallTable } from './syscalls.ts';

/**
 * A classic BPF program over `struct seccomp_data` (linux/seccomp.h): call number at 0, architecture at 4, the low half of
 * argument n at 16 + 8n. Each instruction is {u16 code, u8 jump if true, u8 jump if false, u32 k}.
 * With `watched` the calls that would write are handed to a listener first, which our own init is; bubblewrap can load only
 * a program without.
 */
export function seccompProgram(table: SyscallTable, { watched = false } = {}): Buffer {
  return assemble([
    load(ARCHITECTURE),
    jumpIfEqual(table.arch, 1, 0),
    answer(KILL_PROCESS),
    load(NUMBER),
    ...foreignCalls(table),
    ...table.forbidden.flatMap((number) => onCall(number, [answer(refuse(EPERM))])),
    ...table.uncounted.flatMap((number) => onCall(number, [answer(refuse(ENOSYS))])),
    // Its flags lie behind a pointer, where no filter can look: libc falls back to clone.
    ...onCall(table.clone3, [answer(refuse(ENOSYS))]),
    ...onCall(table.clone, NO_NAMESPACES),
    ...onCall(table.socket, PLAIN_SOCKETS),
    ...onCall(table.ioctl, NO_TERMINAL_INPUT),
    ...(watched ? handOver(table) : []),
    answer(ALLOW),
  ]);
}

type Instruction = readonly [code: number, ifTrue: number, ifFalse: number, k: number];

const NUMBER = 0;
const ARCHITECTURE = 4;
const argument = (index: number) => 16 + 8 * index;

const ALLOW = 0x7fff0000;
const KILL_PROCESS = 0x80000000;
const ASK_LISTENER = 0x7fc00000;
const OPENAT2 = 437;
const refuse = (errno: number) => 0x00050000 | errno;
const [EPERM, ENOSYS, EAFNOSUPPORT] = [1, 38, 97];

const load = (offset: number): Instruction => [0x20, 0, 0, offset];
const answer = (action: number): Instruction => [0x06, 0, 0, action];
const jumpIfEqual = (k: number, ifTrue: number, ifFalse: number): Instruction => [
  0x15,
  ifTrue,
  ifFalse,
  k,
];
const jumpIfAtLeast = (k: number, ifTrue: number, ifFalse: number): Instruction => [
  0x35,
  ifTrue,
  ifFalse,
  k,
];
const jumpIfAnyBit = (k: number, ifTrue: number, ifFalse: number): Instruction => [
  0x45,
  ifTrue,
  ifFalse,
  k,
];

/** CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID and NEWNET. */
const NO_NAMESPACES = [
  load(argument(0)),
  jumpIfAnyBit(0x7e020000, 0, 1),
  answer(refuse(EPERM)),
  answer(ALLOW),
];

/** AF_UNIX, AF_INET, AF_INET6, and AF_NETLINK for getifaddrs: nothing to a virtual machine, a raw card or the kernel's crypto. */
const PLAIN_SOCKETS = [
  load(argument(0)),
  jumpIfEqual(1, 4, 0),
  jumpIfEqual(2, 3, 0),
  jumpIfEqual(10, 2, 0),
  jumpIfEqual(16, 1, 0),
  answer(refuse(EAFNOSUPPORT)),
  answer(ALLOW),
];

/** TIOCSTI and TIOCLINUX type into the terminal. The kernel reads 32 bits only: so must we (CVE-2019-7303). */
const NO_TERMINAL_INPUT = [
  load(argument(1)),
  jumpIfEqual(0x5412, 1, 0),
  jumpIfEqual(0x541c, 0, 1),
  answer(refuse(EPERM)),
  answer(ALLOW),
];

/** Of an open only what may write: O_WRONLY, O_RDWR, O_CREAT, O_TRUNC or O_APPEND. Reading costs nothing. */
function handOver({ opens, writes }: SyscallTable): Instruction[] {
  const ask = answer(ASK_LISTENER);
  return [
    // Its flags lie behind a pointer.
    ...onCall(OPENAT2, [answer(refuse(ENOSYS))]),
    ...opens.flatMap(({ number, flags }) =>
      onCall(number, [load(argument(flags)), jumpIfAnyBit(0x643, 0, 1), ask, answer(ALLOW)]),
    ),
    ...writes.flatMap((number) => onCall(number, [ask])),
  ];
}

function onCall(number: number, body: readonly Instruction[]): Instruction[] {
  return [jumpIfEqual(number, 0, body.length), ...body];
}

function foreignCalls({ foreignBit }: SyscallTable): Instruction[] {
  return foreignBit === undefined ? [] : [jumpIfAtLeast(foreignBit, 0, 1), answer(refuse(ENOSYS))];
}

function assemble(program: readonly Instruction[]): Buffer {
  const bytes = Buffer.alloc(program.length * 8);
  for (const [index, [code, ifTrue, ifFalse, k]] of program.entries()) {
    bytes.writeUInt16LE(code, index * 8);
    bytes.writeUInt8(ifTrue, index * 8 + 2);
    bytes.writeUInt8(ifFalse, index * 8 + 3);
    bytes.writeUInt32LE(k >>> 0, index * 8 + 4);
  }
  return bytes;
}
