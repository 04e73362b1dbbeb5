/** An error of the simulated API: answered with HTTP 200 inside the error envelope. */
export class ApiError extends Error {
  /** Code as the API spells it, say `AuthFailure.SignatureFailure`. */
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.name = 'ApiError';
    this.code = code;
  }
}
