import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import {
  exec,
  openTestSandbox,
  scratch,
  skipWithoutIsolation,
  workspaceWith,
} from './testSandbox.ts';

const POISON = `package judged

import (
	"fmt"
	"os"
	"testing"
)

func TestPoison(t *testing.T) {
	cache := os.Getenv("GOCACHE")
	folders, err := os.ReadDir(cache)
	if err != nil || len(folders) < 256 {
		t.Fatal("there is no filled cache: ", err)
	}
	err = os.WriteFile(cache+"/"+folders[1].Name()+"/poison", nil, 0o644)
	fmt.Println(err)
}
`;

test('Go compiles its library once, for all tasks, none of which can change it for the others', {
  timeout: 300_000,
}, async (context) => {
  const cacheDir = path.join(scratch(), 'caches');
  const sandbox = await openTestSandbox({ cacheDir });
  skipWithoutIsolation(sandbox, context);
  const project = { 'go.mod': 'module judged\n', 'poison_test.go': POISON };
  const limits = { wallMs: 240_000 };
  const args = ['test', '-v', '.'];
  const first = await exec(sandbox, {
    tool: 'go',
    args,
    workspace: workspaceWith(project),
    limits,
  });
  if (first.kind === 'unavailable') context.skip(first.remedy);
  expect(first).toMatchObject({
    exit: 0,
    stdout: expect.stringContaining('poison: read-only file system'),
  });
  const cache = path.join(cacheDir, 'go-build');
  const filled = fs.readdirSync(cache, { recursive: true, encoding: 'utf8' }).sort();
  expect(filled).toContainEqual(expect.stringMatching(/^filled-/));
  const again = await exec(sandbox, {
    tool: 'go',
    args,
    workspace: workspaceWith(project),
    limits,
  });
  expect(again).toMatchObject({ exit: 0 });
  expect(fs.readdirSync(cache, { recursive: true, encoding: 'utf8' }).sort()).toEqual(filled);
});

test('a run that is cancelled while the cache is filled does not wait for it', {
  timeout: 300_000,
}, async (context) => {
  const cacheDir = path.join(scratch(), 'caches');
  const sandbox = await openTestSandbox({ cacheDir });
  skipWithoutIsolation(sandbox, context);
  const stop = new AbortController();
  const running = exec(sandbox, { tool: 'go', args: ['version'], signal: stop.signal });
  stop.abort();
  const ran = await running;
  if (ran.kind === 'unavailable') context.skip(ran.remedy);
  expect(ran).toMatchObject({ kind: 'ran', termination: 'cancelled' });
  const names = fs.readdirSync(path.join(cacheDir, 'go-build'));
  expect(names.filter((name) => name.startsWith('filled-'))).toEqual([]);
});
