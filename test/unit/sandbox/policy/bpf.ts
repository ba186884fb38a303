export interface Call {
  arch: number;
  number: number;
  args?: readonly number[];
}

/** Runs a classic BPF program over one system call as the kernel does; tells the answer: `allow`, `kill`, `errno N`. */
export function judge(program: Buffer, call: Call): string {
  const data = new Map<number, number>([
    [0, call.number],
    [4, call.arch],
    ...(call.args ?? []).map((value, index): [number, number] => [16 + 8 * index, value]),
  ]);
  let accumulator = 0;
  for (let at = 0; at < program.length / 8; at++) {
    const { code, ifTrue, ifFalse, k } = instructionAt(program, at);
    if (code === RETURN) return actionName(k);
    if (code === LOAD) accumulator = (data.get(k) ?? 0) >>> 0;
    else at += holds(code, accumulator, k) ? ifTrue : ifFalse;
  }
  throw new Error('the program ends without an answer');
}

const [LOAD, RETURN] = [0x20, 0x06];

function instructionAt(program: Buffer, index: number) {
  const at = index * 8;
  return {
    code: program.readUInt16LE(at),
    ifTrue: program.readUInt8(at + 2),
    ifFalse: program.readUInt8(at + 3),
    k: program.readUInt32LE(at + 4),
  };
}

function holds(code: number, accumulator: number, k: number): boolean {
  if (code === 0x15) return accumulator === k;
  if (code === 0x35) return accumulator >= k;
  if (code === 0x45) return (accumulator & k) !== 0;
  throw new Error(`unknown instruction ${code}`);
}

function actionName(k: number): string {
  if (k === 0x7fff0000) return 'allow';
  if (k === 0x7fc00000) return 'ask';
  return k === 0x80000000 ? 'kill' : `errno ${k & 0xffff}`;
}
