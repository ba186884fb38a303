import { type SaxesAttributePlain, SaxesParser, type SaxesTagPlain } from 'saxes';
import type { TestCase } from '../../task/verdict.ts';

/** One test case of a JUnit report. */
export interface JUnitCase {
  /** Names of the enclosing suites, outermost first. */
  suites: string[];
  className: string;
  name: string;
  file: string | undefined;
  outcome: TestCase['outcome'];
  /** Message and detail of the failure, at most 4,000 characters. */
  message: string;
}

export interface JUnitReport {
  cases: JUnitCase[];
  /** True when the document ended early or is not well-formed; the complete cases before that are kept. */
  truncated: boolean;
}

const MAX_MESSAGE = 4_000;
const MAX_CASES = 20_000;
const CHUNK = 65_536;
const PROBLEMS: Record<string, TestCase['outcome']> = {
  failure: 'failed',
  error: 'errored',
  skipped: 'skipped',
};

/** Reads a JUnit report by streaming. Never throws: what is not XML has no cases and is `truncated`. */
export function readJUnit(xml: string): JUnitReport {
  const reader = new JUnitReader();
  for (let at = 0; at < xml.length; at += CHUNK) reader.write(xml.slice(at, at + CHUNK));
  return reader.close();
}

class JUnitReader {
  readonly #parser = new SaxesParser({ xmlns: false, position: false });
  readonly #suites: string[] = [];
  readonly #cases: JUnitCase[] = [];
  #current: JUnitCase | undefined;
  #insideProblem = false;
  #broken = false;

  constructor() {
    this.#parser.on('opentag', (tag) => this.#open(tag));
    this.#parser.on('closetag', (tag) => this.#close(tag.name));
    this.#parser.on('text', (text) => this.#addText(text));
    this.#parser.on('cdata', (text) => this.#addText(text));
    this.#parser.on('error', () => {
      this.#broken = true;
    });
  }

  write(chunk: string): void {
    // After the first fault the parser may invent structure: only what came before it counts.
    if (!this.#broken) this.#parser.write(withoutControlCharacters(chunk));
  }

  close(): JUnitReport {
    if (!this.#broken) this.#parser.close();
    return { cases: this.#cases, truncated: this.#broken };
  }

  #open(tag: SaxesTagPlain): void {
    if (this.#broken) return;
    const attributes = tag.attributes;
    if (tag.name === 'testsuite') this.#suites.push(attribute(attributes, 'name'));
    else if (tag.name === 'testcase') this.#current = this.#newCase(attributes);
    else if (this.#current !== undefined) this.#openProblem(this.#current, tag);
  }

  #newCase(attributes: Record<string, SaxesAttributePlain | string>): JUnitCase {
    return {
      suites: this.#suites.filter((suite) => suite !== ''),
      className: attribute(attributes, 'classname') || (this.#suites.at(-1) ?? ''),
      name: attribute(attributes, 'name'),
      file: attribute(attributes, 'file') || undefined,
      outcome: 'passed',
      message: '',
    };
  }

  #openProblem(current: JUnitCase, tag: SaxesTagPlain): void {
    const outcome = Object.hasOwn(PROBLEMS, tag.name) ? PROBLEMS[tag.name] : undefined;
    if (outcome === undefined) return;
    this.#insideProblem = true;
    // A case that was skipped after it had failed stays failed.
    if (current.outcome === 'passed' || outcome !== 'skipped') current.outcome = outcome;
    this.#addText(`${attribute(tag.attributes, 'message')}\n`);
  }

  #close(name: string): void {
    if (this.#broken) return;
    if (name === 'testsuite') this.#suites.pop();
    if (Object.hasOwn(PROBLEMS, name)) this.#insideProblem = false;
    if (name !== 'testcase' || this.#current === undefined) return;
    if (this.#cases.length < MAX_CASES) this.#cases.push(this.#current);
    this.#current = undefined;
  }

  #addText(text: string): void {
    if (!this.#insideProblem || this.#current === undefined || this.#broken) return;
    const room = MAX_MESSAGE - this.#current.message.length;
    if (room > 0) this.#current.message += text.slice(0, room);
  }
}

function attribute(attributes: Record<string, SaxesAttributePlain | string>, name: string): string {
  const value = Object.hasOwn(attributes, name) ? attributes[name] : undefined;
  if (value === undefined) return '';
  return typeof value === 'string' ? value : value.value;
}

/** XML 1.0 forbids them, yet tests print them: one would end the document for the parser. */
function withoutControlCharacters(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is removed
  return text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '');
}
