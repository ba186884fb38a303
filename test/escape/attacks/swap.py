"""Exchanges two names for each other as fast as it can until it is killed: RENAME_EXCHANGE is one step for the kernel."""
import ctypes, sys

libc = ctypes.CDLL(None)
one, other = (name.encode() for name in sys.argv[1:3])
print('started', flush=True)
while True:
    libc.syscall(316, -100, one, -100, other, 2)
