import { join } from 'node:path';
import { execa } from 'execa';

const root = join(import.meta.dirname, '../..');

/** Prints `false` where this machine lets nobody make the namespace. */
export async function canLayOut(): Promise<boolean> {
  const { failed } = await execa('bwrap', ['--ro-bind', '/', '/', 'true'], { reject: false });
  return !failed;
}

interface Layout {
  /** Of the layer: what AWS unpacks at /opt. */
  layer: string;
  /** JavaScript that is run as a module, with the functions at /var/task. */
  script: string;
}

/**
 * Runs `script` where Lambda would: Node at /var/lang, the functions' zip at /var/task, the layer's at /opt, nothing else of
 * this repository in the way of an import. Rejects when it fails.
 */
export async function onLambda({ layer, script }: Layout): Promise<string> {
  const { stdout } = await execa(
    'bwrap',
    [
      ...['--ro-bind', '/', '/', '--dev', '/dev', '--proc', '/proc', '--tmpfs', '/tmp'],
      ...['--tmpfs', '/var', '--ro-bind', process.execPath, '/var/lang/bin/node'],
      ...['--ro-bind', join(root, 'dist/layered'), '/var/task/dist/layered'],
      ...['--tmpfs', '/opt', '--ro-bind', layer, '/opt/nodejs'],
      ...['--chdir', '/var/task', '--unshare-net', '--die-with-parent'],
      ...['/var/lang/bin/node', '--input-type=module', '--eval', script],
    ],
    {
      extendEnv: false,
      env: {
        PATH: process.env['PATH'],
        PROFILE: 'aws',
        API_KEY: 'a-key',
        DATABASE_URL: 'postgresql://agent@127.0.0.1:9/agent',
        AGENT_HOME: '/tmp/agent',
        AWS_EMF_ENVIRONMENT: 'Local',
        OTEL_TRACES_EXPORTER: 'none',
        AWS_ACCESS_KEY_ID: 'none',
        AWS_SECRET_ACCESS_KEY: 'none',
      },
    },
  );
  return stdout;
}
