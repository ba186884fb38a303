import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');

export interface Instruction {
  /** In capitals. */
  name: string;
  /** Continued lines joined by a space each. */
  text: string;
  line: number;
}

/** The instructions of a Dockerfile in order, without its comments. */
export function readDockerfile(file: string): Instruction[] {
  return parseDockerfile(readFileSync(join(root, file), 'utf8'));
}

export function parseDockerfile(source: string): Instruction[] {
  const instructions: Instruction[] = [];
  let open: Instruction | undefined;
  for (const [at, raw] of source.split('\n').entries()) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    const words = line.replace(/\\$/, '').trim();
    const [, name = '', text = ''] = /^(\w+)\s+(.*)$/.exec(words) ?? [];
    if (open === undefined) open = { name: name.toUpperCase(), text, line: at + 1 };
    else open.text += ` ${words}`;
    if (line.endsWith('\\')) continue;
    instructions.push(open);
    open = undefined;
  }
  return instructions;
}

/** What a careful reader would not let pass, after hadolint's rules; one sentence each. */
export function dockerfileFlaws(instructions: readonly Instruction[]): string[] {
  const stages = new Set<string>();
  const flaws = instructions.flatMap((instruction) => {
    const alias = /\sAS\s+(\S+)$/i.exec(instruction.text)?.[1];
    const found = flawsOf(instruction, stages);
    if (instruction.name === 'FROM' && alias !== undefined) stages.add(alias);
    return found.map((flaw) => `line ${instruction.line}: ${flaw}`);
  });
  return [...flaws, ...finalFlaws(instructions)];
}

function flawsOf({ name, text }: Instruction, stages: Set<string>): string[] {
  switch (name) {
    case 'FROM':
      return imageFlaws(text.split(/\s+/)[0] ?? '', stages);
    case 'RUN':
      return runFlaws(text);
    case 'ENV':
    case 'ARG':
      return /\b\w*(PASSWORD|SECRET|TOKEN|API_KEY|DATABASE_URL)\w*\s*=/i.test(text)
        ? [`${name} would bake a secret in`]
        : [];
    case 'ADD':
      return ['ADD unpacks and downloads; COPY says what it does'];
    case 'COPY':
      return /^\.\s/.test(text) ? ['COPY takes the whole context'] : [];
    case 'ENTRYPOINT':
    case 'CMD':
      return text.startsWith('[') ? [] : [`${name} runs in a shell, which keeps signals to itself`];
    case 'MAINTAINER':
      return ['MAINTAINER is deprecated'];
    default:
      return [];
  }
}

function imageFlaws(image: string, stages: Set<string>): string[] {
  if (stages.has(image)) return [];
  const tag = image.split(':')[1];
  return tag !== undefined && /\d+\.\d+/.test(tag) ? [] : [`${image} names no exact version`];
}

function runFlaws(text: string): string[] {
  const flaws = text.includes('apt-get install') ? aptFlaws(text) : [];
  if (/\bsudo\b/.test(text)) flaws.push('sudo in an image');
  if (/\b(curl|wget)\b.*https?:/.test(text) && !text.includes('sha256sum')) {
    flaws.push('a download without a checksum');
  }
  if (/\bnpm (install|i)\b/.test(text)) flaws.push('npm install beside the lockfile');
  return flaws;
}

const APT_RULES: [needed: RegExp, flaw: string][] = [
  [/apt-get update/, 'apt-get install from lists of another layer'],
  [/rm -rf \/var\/lib\/apt\/lists\/\*/, 'the lists of apt stay in the layer'],
  [/--no-install-recommends/, 'apt installs what is recommended'],
  [/(--yes|-y)\b/, 'apt would ask'],
];

function aptFlaws(text: string): string[] {
  return APT_RULES.flatMap(([needed, flaw]) => (needed.test(text) ? [] : [flaw]));
}

/** Of the stages that become images: the last one, and every other that says what it starts. */
function finalFlaws(instructions: readonly Instruction[]): string[] {
  const stages: Instruction[][] = [];
  for (const instruction of instructions) {
    if (instruction.name === 'FROM') stages.push([]);
    stages.at(-1)?.push(instruction);
  }
  const isStarted = (stage: Instruction[]) => stage.some(({ name }) => name === 'ENTRYPOINT');
  return stages
    .filter((stage, at) => at === stages.length - 1 || isStarted(stage))
    .flatMap(imageStageFlaws);
}

function imageStageFlaws(stage: readonly Instruction[]): string[] {
  const user = stage.findLast(({ name }) => name === 'USER')?.text;
  const flaws = user === undefined || /^(root|0)(:|$)/.test(user) ? ['the image runs as root'] : [];
  for (const name of ['HEALTHCHECK', 'STOPSIGNAL', 'ENTRYPOINT']) {
    if (!stage.some((instruction) => instruction.name === name)) flaws.push(`no ${name}`);
  }
  return flaws;
}
