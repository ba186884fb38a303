/** What every run gets. Nothing of the service's own environment goes in. */
export const FIXED_ENVIRONMENT = {
  LANG: 'C.UTF-8',
  HOME: '/home/sandbox',
  TMPDIR: '/tmp',
  USER: 'sandbox',
  CI: '1',
  NO_COLOR: '1',
  // Without them go asks a proxy for another go, and cargo asks a registry: both wait for a network that is not there.
  GOTOOLCHAIN: 'local',
  GOPROXY: 'off',
  GOSUMDB: 'off',
  CARGO_NET_OFFLINE: 'true',
  // One run must not find what another left behind.
  PYTHONDONTWRITEBYTECODE: '1',
} as const;

/** Names that a request may add: they choose versions and caches, none of them makes a tool load code by itself. */
const ALLOWED = new Set([
  'CARGO_HOME',
  'CARGO_TARGET_DIR',
  'CGO_ENABLED',
  'CI',
  'DEBUG',
  'FORCE_COLOR',
  'GOCACHE',
  'GOFLAGS',
  'GOMODCACHE',
  'GOPATH',
  'GRADLE_OPTS',
  'GRADLE_RO_DEP_CACHE',
  'GRADLE_USER_HOME',
  'JAVA_HOME',
  'LANG',
  'LC_ALL',
  'MAVEN_ARGS',
  'MAVEN_OPTS',
  'NODE_ENV',
  'NO_COLOR',
  'PYTEST_ADDOPTS',
  'PYTHONDONTWRITEBYTECODE',
  'PYTHONHASHSEED',
  'PYTHONPATH',
  'PYTHONUNBUFFERED',
  'RUST_BACKTRACE',
  'TZ',
]);

/** These choose which program runs: they may not point to where a model writes. */
const CHOOSES_PROGRAM = new Set(['JAVA_HOME']);
const WRITABLE = /^\/?(workspace|report|tmp|home|dev)(\/|$)/;
const LONGEST_VALUE = 8192;

/** Why a request's environment is refused, or undefined when it may be taken. */
export function environmentFlaw(asked: Readonly<Record<string, string>>): string | undefined {
  for (const [name, value] of Object.entries(asked)) {
    if (!ALLOWED.has(name))
      return `the environment variable ${JSON.stringify(name)} is not allowed`;
    if (value.includes('\0') || value.length > LONGEST_VALUE)
      return `the value of ${name} holds a NUL or is longer than ${LONGEST_VALUE} characters`;
    if (CHOOSES_PROGRAM.has(name) && (WRITABLE.test(value) || value.includes('..')))
      return `${name} must not point into the workspace or scratch`;
  }
  return undefined;
}
