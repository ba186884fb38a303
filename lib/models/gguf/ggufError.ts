export type GgufErrorKind = 'not_gguf' | 'truncated' | 'unsupported' | 'damaged';

/** Why a file cannot be used as a model. The message does not name the file: its reader does not know the name. */
export class GgufError extends Error {
  readonly kind: GgufErrorKind;

  constructor(kind: GgufErrorKind, message: string) {
    super(message);
    this.name = 'GgufError';
    this.kind = kind;
  }
}
