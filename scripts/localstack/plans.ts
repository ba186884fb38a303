import { fileURLToPath } from 'node:url';

/** An emulator that Python's package index has. */
export interface EmulatorPlan {
  /** For the command line and for folders. */
  name: string;
  title: string;
  /** Of the pinned packages together. */
  oldestPython: readonly [number, number];
  /** A pip requirements file with every package pinned. */
  requirements: string;
  /** What its Python is given to listen on that port of 127.0.0.1. */
  args(port: number): string[];
  env(port: number): Record<string, string>;
  /** Answers 200 once it is ready. */
  healthPath: string;
}

const file = (name: string) =>
  fileURLToPath(new URL(`../../infra/localstack/emulators/${name}`, import.meta.url));

export const PLANS: readonly EmulatorPlan[] = [
  {
    name: 'localstack',
    title: 'LocalStack 4.14.0',
    oldestPython: [3, 13],
    requirements: file('localstack.txt'),
    args: () => [file('localstackOnLoopback.py')],
    // DNS_ADDRESS=0: no name server. SKIP_SSL_CERT_DOWNLOAD, DISABLE_EVENTS: nothing is fetched and nothing reported.
    env: (port) => ({
      GATEWAY_LISTEN: `127.0.0.1:${port}`,
      SERVICES: 'sqs',
      STRICT_SERVICE_LOADING: '1',
      DNS_ADDRESS: '0',
      SKIP_SSL_CERT_DOWNLOAD: '1',
      DISABLE_EVENTS: '1',
    }),
    healthPath: '/_localstack/health',
  },
  {
    name: 'ministack',
    title: 'MiniStack 1.5.33',
    oldestPython: [3, 10],
    requirements: file('ministack.txt'),
    args: () => ['-m', 'ministack'],
    env: (port) => ({ BIND_HOST: '127.0.0.1', GATEWAY_PORT: String(port) }),
    healthPath: '/_ministack/health',
  },
  {
    name: 'moto',
    title: 'moto server 5.2.5',
    oldestPython: [3, 11],
    requirements: file('moto.txt'),
    args: (port) => ['-m', 'moto.server', '-H', '127.0.0.1', '-p', String(port)],
    env: () => ({}),
    healthPath: '/moto-api/data.json',
  },
];
