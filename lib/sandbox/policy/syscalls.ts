/** Numbers of the calls that the filter treats, for one kind of machine. Source: the unistd tables of Linux 6.18. */
export interface SyscallTable {
  /** AUDIT_ARCH_* of linux/audit.h. */
  arch: number;
  /** Calls with this bit belong to a second ABI (x32); absent where there is none. */
  foreignBit?: number;
  ioctl: number;
  clone: number;
  clone3: number;
  socket: number;
  /** Refused with EPERM: attack surface of the kernel that no build needs. */
  forbidden: readonly number[];
  /** Answered with ENOSYS so that programs fall back: memory that no limit counts. */
  uncounted: readonly number[];
  /** Calls that open a file, with the place of the argument that holds the flags. */
  opens: readonly { number: number; flags: 1 | 2 }[];
  /** Calls that write to a path whatever their arguments are. */
  writes: readonly number[];
}

/** Calls from 424 on have the same number everywhere. */
const SHARED_FORBIDDEN = [
  ...[425, 426, 427], // io_uring_setup, _enter, _register
  ...[428, 429, 430, 431, 432, 433, 442], // open_tree, move_mount, fsopen, fsconfig, fsmount, fspick, mount_setattr
  438, // pidfd_getfd
  443, // quotactl_fd
  467, // open_tree_attr
];
const MEMFD_SECRET = 447;
const FCHMODAT2 = 452;

const X64: SyscallTable = {
  arch: 0xc000003e,
  foreignBit: 0x40000000,
  ioctl: 16,
  clone: 56,
  clone3: 435,
  socket: 41,
  forbidden: [
    ...[101, 310, 311, 312], // ptrace, process_vm_readv, process_vm_writev, kcmp
    ...[155, 161, 165, 166, 272, 308], // pivot_root, chroot, mount, umount2, unshare, setns
    ...[163, 164, 227, 167, 168, 169, 179, 180], // acct, settimeofday, clock_settime, swapon, swapoff, reboot, quotactl, nfsservctl
    ...[172, 173, 103], // iopl, ioperm, syslog
    ...[175, 176, 313, 246, 320], // init_module, delete_module, finit_module, kexec_load, kexec_file_load
    ...[248, 249, 250], // add_key, request_key, keyctl
    ...[298, 300, 303, 304, 321, 323], // perf_event_open, fanotify_init, name_to_handle_at, open_by_handle_at, bpf, userfaultfd
    ...SHARED_FORBIDDEN,
  ],
  uncounted: [29, 319, 68, 240, MEMFD_SECRET], // shmget, memfd_create, msgget, mq_open
  opens: [
    { number: 2, flags: 1 }, // open
    { number: 257, flags: 2 }, // openat
  ],
  writes: [
    ...[85, 83, 84, 87, 82, 86, 88, 133], // creat, mkdir, rmdir, unlink, rename, link, symlink, mknod
    ...[90, 92, 94, 76, 188], // chmod, chown, lchown, truncate, setxattr
    ...[258, 263, 264, 316, 265, 266, 259], // mkdirat, unlinkat, renameat, renameat2, linkat, symlinkat, mknodat
    ...[268, 260, 280, FCHMODAT2], // fchmodat, fchownat, utimensat
  ],
};

const ARM64: SyscallTable = {
  arch: 0xc00000b7,
  ioctl: 29,
  clone: 220,
  clone3: 435,
  socket: 198,
  forbidden: [
    ...[117, 270, 271, 272],
    ...[41, 51, 40, 39, 97, 268],
    ...[89, 170, 112, 224, 225, 142, 60, 42],
    116,
    ...[105, 106, 273, 104, 294],
    ...[217, 218, 219],
    ...[241, 262, 264, 265, 280, 282],
    ...SHARED_FORBIDDEN,
  ],
  uncounted: [194, 279, 186, 180, MEMFD_SECRET],
  opens: [{ number: 56, flags: 2 }],
  writes: [
    ...[45, 5], // truncate, setxattr
    ...[34, 35, 38, 276, 37, 36, 33],
    ...[53, 54, 88, FCHMODAT2],
  ],
};

/** The table for a value of `process.arch`, undefined where none was written: such a machine gets no sandbox. */
export function syscallTable(architecture: string): SyscallTable | undefined {
  if (architecture === 'x64') return X64;
  return architecture === 'arm64' ? ARM64 : undefined;
}
