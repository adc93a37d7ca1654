/** An AWS error: the code that clients see, the HTTP status, and the message. */
export class AwsError extends Error {
  readonly code: string;
  readonly status: number;

  constructor(code: string, status: number, message: string) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

export function accessDenied(message: string): AwsError {
  return new AwsError("AccessDenied", 403, message);
}

export function validationError(message: string): AwsError {
  return new AwsError("ValidationError", 400, message);
}
