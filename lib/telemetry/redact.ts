const REDACTED = '[redacted]';
const MAX_DEPTH = 8;

/** Ends of field names whose value is a secret; compared in lower case without separators. */
const SECRET_NAMES = [
  'apikey',
  'apikeys',
  'authorization',
  'cookie',
  'password',
  'passwd',
  'passphrase',
  'secret',
  'token',
  'accesskey',
  'accesskeyid',
  'privatekey',
  'credential',
  'credentials',
];

/**
 * Secrets as they appear inside text. Every pattern is anchored on a literal, so that a long line costs linear time.
 * What identifies the place (scheme, user, key name) stays readable.
 */
const SECRET_TEXTS: readonly { pattern: RegExp; replacement: string }[] = [
  {
    pattern: /-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]{0,40}-----|$)/g,
    replacement: REDACTED,
  },
  { pattern: /(:\/\/[^\s:@/]*):[^\s/]+@/g, replacement: `$1:${REDACTED}@` },
  {
    pattern:
      /(authorization["']?\s{0,4}[:=]\s{0,4}["']?)(?:(?:basic|bearer|digest)\s+)?[^\s"',]+/gi,
    replacement: `$1${REDACTED}`,
  },
  { pattern: /\b(bearer\s{1,4})[\w.~+/=-]{6,}/gi, replacement: `$1${REDACTED}` },
  {
    pattern:
      /((?:api[-_]?key|password|passwd|passphrase|secret|access[-_]?key(?:[-_]?id)?|private[-_]?key)["']?\s{0,4}[:=]\s{0,4}["']?)[^\s"',;&)}\]]+/gi,
    replacement: `$1${REDACTED}`,
  },
  // A compiler says "unexpected token: ;" all day: only a long value is taken for a secret.
  {
    pattern: /(token["']?\s{0,4}[:=]\s{0,4}["']?)[\w.~+/=-]{12,}/gi,
    replacement: `$1${REDACTED}`,
  },
  {
    pattern: /(?<![A-Z0-9])(?:AKIA|ASIA|AIDA|AROA)[A-Z0-9]{16}(?![A-Z0-9])/g,
    replacement: REDACTED,
  },
  {
    pattern:
      /(?<![\w-])(?:sk-[\w-]{16,}|gh[pousr]_\w{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}|hf_\w{20,}|AIza[\w-]{30,}|xox[abprs]-[\w-]{10,})/g,
    replacement: REDACTED,
  },
  {
    pattern: /(?<![\w-])eyJ[\w-]{8,4096}\.[\w-]{8,4096}\.[\w-]{8,4096}/g,
    replacement: REDACTED,
  },
];

/** The same text with the secrets in it replaced. */
export function redactText(text: string): string {
  let clean = text;
  for (const { pattern, replacement } of SECRET_TEXTS) clean = clean.replace(pattern, replacement);
  return clean;
}

/** A plain JSON copy of a log field: secrets replaced, errors spelled out, cycles and great depth cut. */
export function redactFields(fields: Record<string, unknown>): Record<string, unknown> {
  return copyObject(fields, []);
}

function copyValue(value: unknown, ancestors: readonly object[]): unknown {
  if (typeof value === 'string') return redactText(value);
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null) return value;
  if (ancestors.includes(value)) return '[circular]';
  if (ancestors.length >= MAX_DEPTH) return '[too deep]';
  return copyContainer(value, [...ancestors, value]);
}

function copyContainer(value: object, ancestors: readonly object[]): unknown {
  if (value instanceof Error) return copyError(value, ancestors);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (value instanceof Map) return copyObject(Object.fromEntries(value), ancestors);
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (Array.isArray(value) || value instanceof Set) {
    return Array.from(value, (item) => copyValue(item, ancestors));
  }
  return copyObject(value, ancestors);
}

function copyObject(value: object, ancestors: readonly object[]): Record<string, unknown> {
  const entries = Object.entries(value).map(([key, inner]) => [
    key,
    isSecretName(key) ? hide(inner) : copyValue(inner, ancestors),
  ]);
  return Object.fromEntries(entries);
}

function copyError(error: Error, ancestors: readonly object[]): Record<string, unknown> {
  return {
    ...copyObject(error, ancestors),
    type: error.name,
    message: redactText(error.message),
    stack: redactText(error.stack ?? ''),
    ...(error.cause === undefined ? {} : { cause: copyValue(error.cause, ancestors) }),
  };
}

function isSecretName(name: string): boolean {
  const plain = name.toLowerCase().replace(/[-_.\s]/g, '');
  return SECRET_NAMES.some((secret) => plain.endsWith(secret));
}

/** Numbers and booleans stay: `token: 12` is a count, `apiKey: false` says that there is none. */
function hide(value: unknown): unknown {
  const harmless = value === null || value === undefined || typeof value === 'boolean';
  return harmless || typeof value === 'number' ? value : REDACTED;
}
