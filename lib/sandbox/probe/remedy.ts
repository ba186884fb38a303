import fs from 'node:fs';

/** What hinders user namespaces on this machine and how it is taken away, as far as the kernel tells. */
export function remedyFor(reason: string): string {
  const causes = CAUSES.filter(({ file, value }) => readSetting(file) === value);
  if (causes.length > 0) return causes.map((cause) => cause.remedy).join(' ');
  if (/Operation not permitted|Permission denied/.test(reason))
    return `${INSTALL} In a container, allow user namespaces: --security-opt seccomp=unconfined --security-opt systempaths=unconfined.`;
  return INSTALL;
}

export const NO_COMPILER =
  'For the audit of denied writes, install a C compiler: apt-get install gcc libc6-dev (Debian, Ubuntu), dnf install gcc glibc-static (Fedora), pacman -S gcc (Arch).';

const INSTALL =
  'Install bubblewrap: apt-get install bubblewrap (Debian, Ubuntu), dnf install bubblewrap (Fedora), pacman -S bubblewrap (Arch).';

const CAUSES = [
  {
    file: '/proc/sys/kernel/apparmor_restrict_unprivileged_userns',
    value: '1',
    remedy:
      'AppArmor denies user namespaces to unknown programs (Ubuntu 23.10 and later): install the bubblewrap package, which brings a profile, or run sysctl kernel.apparmor_restrict_unprivileged_userns=0.',
  },
  {
    file: '/proc/sys/kernel/unprivileged_userns_clone',
    value: '0',
    remedy: 'User namespaces are switched off: sysctl kernel.unprivileged_userns_clone=1.',
  },
  {
    file: '/proc/sys/user/max_user_namespaces',
    value: '0',
    remedy: 'User namespaces are switched off: sysctl user.max_user_namespaces=15000.',
  },
];

function readSetting(file: string): string | undefined {
  return fs.existsSync(file) ? fs.readFileSync(file, 'utf8').trim() : undefined;
}
