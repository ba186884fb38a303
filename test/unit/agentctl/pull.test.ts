import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Download, download } from '../../../scripts/agentctl/pull/download.ts';
import {
  type FileServer,
  type FileServerOptions,
  startFileServer,
} from '../../support/fileServer.ts';

const CONTENT = Buffer.concat([Buffer.from('GGUF'), Buffer.alloc(3_000_000, 7)]);
const OTHER = Buffer.concat([Buffer.from('GGUF'), Buffer.alloc(2_500_000, 9)]);
const SHA256 = createHash('sha256').update(CONTENT).digest('hex');

let folder: string;
let server: FileServer | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'agent-pull-'));
});
afterEach(async () => {
  await server?.close();
  rmSync(folder, { recursive: true, force: true });
});

const target = () => join(folder, 'models/tiny.gguf');
const files = () => readdirSync(join(folder, 'models')).sort();

async function serve(options: Partial<FileServerOptions> = {}): Promise<FileServer> {
  server = await startFileServer({ content: CONTENT, ...options });
  return server;
}

function job(url: string, overrides: Partial<Download> = {}): Download {
  return {
    url,
    file: target(),
    sha256: SHA256,
    signal: new AbortController().signal,
    onProgress: () => undefined,
    pauseMs: 1,
    ...overrides,
  };
}

describe('a pull', () => {
  it('puts the whole file in its place, tells its hash, and leaves nothing else', async () => {
    const { url } = await serve();
    const seen: (number | undefined)[][] = [];
    const onProgress: Download['onProgress'] = (...told) => void seen.push(told);
    const pulled = await download(job(url, { sha256: undefined, onProgress }));
    expect(pulled).toEqual({ fetched: true, bytes: 3_000_004, sha256: SHA256 });
    expect(readFileSync(target()).equals(CONTENT)).toBe(true);
    expect(files()).toEqual(['tiny.gguf', 'tiny.gguf.sha256']);
    expect(seen[0]).toEqual([0, 3_000_004]);
    expect(seen.at(-1)).toEqual([3_000_004, 3_000_004]);
  });

  it('of a file that is there fetches nothing, and refuses another file of that name', async () => {
    const { url, ranges } = await serve();
    await download(job(url));
    expect(await download(job(url))).toMatchObject({ fetched: false, sha256: SHA256 });
    expect(ranges).toEqual(['whole']);
    await expect(download(job(url, { sha256: 'f'.repeat(64) }))).rejects.toMatchObject({
      what: `another file is in the place of ${target()}`,
    });
    expect(existsSync(target())).toBe(true);
  });

  it('records the hash as sha256sum reads it, and notices a file that was changed since', async () => {
    const { url } = await serve();
    await download(job(url));
    expect(readFileSync(`${target()}.sha256`, 'utf8')).toBe(`${SHA256}  tiny.gguf\n`);
    writeFileSync(target(), OTHER);
    await expect(download(job(url, { sha256: undefined }))).rejects.toMatchObject({
      what: `${target()} is no longer the file that was fetched`,
    });
    expect(readFileSync(`${target()}.sha256`, 'utf8')).toBe(`${SHA256}  tiny.gguf\n`);
  });

  it('of a file that came by another way records what it is', async () => {
    mkdirSync(join(folder, 'models'));
    writeFileSync(target(), CONTENT);
    await download(job('http://127.0.0.1:1/tiny.gguf', { sha256: undefined }));
    expect(readFileSync(`${target()}.sha256`, 'utf8')).toBe(`${SHA256}  tiny.gguf\n`);
  });

  it('that is cut goes on with the byte after the last', async () => {
    const { url, ranges } = await serve({ cutAfter: [1_000_000, 500_000] });
    const cuts: string[] = [];
    await download(job(url, { onCut: (why) => void cuts.push(why) }));
    expect(readFileSync(target()).equals(CONTENT)).toBe(true);
    expect(cuts).toHaveLength(2);
    // Bytes that were on their way when the connection broke may not have come: the next call asks for them again.
    const starts = ranges.map((range) => Number(/^bytes=(\d+)-$/.exec(range)?.[1] ?? 0));
    expect(starts).toEqual([0, expect.any(Number), expect.any(Number)]);
    expect(starts[1]).toBeGreaterThan(0);
    expect(starts[1]).toBeLessThanOrEqual(1_000_000);
    expect(starts[2]).toBeGreaterThan(starts[1] ?? 0);
  });

  it('that was ended goes on in the next call', async () => {
    const { url, ranges } = await serve({ stallAfter: [1_000_000] });
    const controller = new AbortController();
    const onProgress: Download['onProgress'] = (done) => {
      if (done >= 1_000_000) controller.abort(new Error('Ctrl-C'));
    };
    const { signal } = controller;
    await expect(download(job(url, { signal, onProgress }))).rejects.toThrow('Ctrl-C');
    expect(files()).toEqual(['tiny.gguf.part', 'tiny.gguf.part.json']);
    await download(job(url));
    expect(ranges).toEqual(['whole', 'bytes=1000000-']);
    expect(files()).toEqual(['tiny.gguf', 'tiny.gguf.sha256']);
  });

  it('of a whole file that was never put in its place asks nobody', async () => {
    const { url, ranges } = await serve();
    mkdirSync(join(folder, 'models'));
    writeFileSync(`${target()}.part`, CONTENT);
    writeFileSync(`${target()}.part.json`, JSON.stringify({ url, total: CONTENT.length }));
    expect(await download(job(url))).toMatchObject({ fetched: true });
    expect(ranges).toEqual([]);
  });

  it('notices that the file was replaced, and starts anew', async () => {
    const { url, replace, ranges } = await serve({ stallAfter: [1_000_000], content: OTHER });
    const stop = new AbortController();
    const onProgress = (done: number) => done > 0 && stop.abort(new Error('Ctrl-C'));
    const { signal } = stop;
    await expect(download(job(url, { signal, onProgress }))).rejects.toThrow('Ctrl-C');
    replace(CONTENT);
    await download(job(url));
    expect(readFileSync(target()).equals(CONTENT)).toBe(true);
    expect(ranges).toEqual(['whole', expect.stringMatching(/^bytes=[1-9]\d*-$/)]);
  });

  it('does not go on with what came from another address', async () => {
    const { url, ranges } = await serve();
    mkdirSync(join(folder, 'models'));
    writeFileSync(`${target()}.part`, OTHER.subarray(0, 1_000));
    writeFileSync(`${target()}.part.json`, JSON.stringify({ url: 'http://127.0.0.1/other.gguf' }));
    await download(job(url));
    expect(ranges).toEqual(['whole']);
  });

  it('of a server that stalls is taken up again', async () => {
    const { url, ranges } = await serve({ stallAfter: [1_000_000] });
    await download(job(url, { idleMs: 100 }));
    // A busy machine may be taken for a stalled one, once more.
    expect(ranges[0]).toBe('whole');
    expect(ranges[1]).toMatch(/^bytes=[1-9]\d*-$/);
  });

  it('waits for a busy server, and works with one that tells no sizes', async () => {
    const { url } = await serve({ statuses: [503], plain: true });
    expect(await download(job(url))).toMatchObject({ bytes: 3_000_004 });
  });
});

describe('what will not pass is said, with what to do', () => {
  it.each([
    [404, 5, 'the server does not give'],
    [403, 4, 'the server does not give'],
    [400, 8, 'the server does not give'],
  ])('status %i', async (status, exit, what) => {
    const { url, ranges } = await serve({ statuses: [status, status] });
    await expect(download(job(url))).rejects.toMatchObject({
      exit,
      what: expect.stringContaining(what),
    });
    expect(ranges).toHaveLength(1);
  });

  it('a wrong hash: the file is deleted', async () => {
    const { url } = await serve({ content: OTHER });
    await expect(download(job(url))).rejects.toMatchObject({
      what: `${target()} is not the file that was expected, and was deleted`,
    });
    expect(files()).toEqual([]);
  });

  it('a web page instead of a model: nothing of it is kept', async () => {
    const { url } = await serve({ content: Buffer.from('<html>Please log in</html>') });
    await expect(download(job(url))).rejects.toMatchObject({
      what: `${url} is no GGUF file`,
      why: ['it starts with "<html>Please log in</html>"'],
    });
    expect(files().includes('tiny.gguf')).toBe(false);
  });

  it('nobody at the address', async () => {
    const { url, close } = await serve();
    await close();
    await expect(download(job(url))).rejects.toMatchObject({ exit: 7, why: ['ECONNREFUSED'] });
  });

  it('a machine without a network', async () => {
    await expect(download(job('http://no-such-host.invalid/tiny.gguf'))).rejects.toMatchObject({
      exit: 7,
      what: 'this machine does not reach no-such-host.invalid: it seems to be offline',
      next: 'fetch the file on a machine that is online and put it into AGENT_HOME/models',
    });
  });

  it('a server that breaks off again and again: what has come is kept', async () => {
    const { url } = await serve({ cutAfter: Array(7).fill(0).with(0, 1_000_000) });
    await expect(download(job(url))).rejects.toMatchObject({
      exit: 7,
      why: [
        expect.any(String),
        expect.stringMatching(/^[\d.]+ [kM]B had come; they are kept in .*tiny\.gguf\.part$/),
      ],
    });
    // A cut connection takes what was still on its way with it: not all that was sent has come.
    const kept = readFileSync(`${target()}.part`).length;
    expect(kept).toBeGreaterThan(0);
    expect(kept).toBeLessThanOrEqual(1_000_000);
  });

  it('a file larger than the disk, before anything is kept', async () => {
    const { url } = await serve({ claimedBytes: 9e14 });
    await expect(download(job(url))).rejects.toMatchObject({
      what: 'the disk has no room for the file',
      why: [expect.stringMatching(/^900000\.00 GB are missing and .* are free at /)],
    });
    expect(files()).toEqual(['tiny.gguf.part.json']);
  });

  it('another process that fetches the same file; a dead one does not count', async () => {
    const { url } = await serve();
    mkdirSync(join(folder, 'models'));
    writeFileSync(`${target()}.part.lock`, String(process.ppid));
    await expect(download(job(url))).rejects.toMatchObject({
      what: `${target()} is being fetched already`,
    });
    writeFileSync(`${target()}.part.lock`, '4194303');
    expect(await download(job(url))).toMatchObject({ fetched: true });
    expect(files()).toEqual(['tiny.gguf', 'tiny.gguf.sha256']);
  });
});
