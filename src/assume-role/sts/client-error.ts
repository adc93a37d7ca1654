/** Reads the errors of the STS client and of the network below it. */

/** The relevant parts of an SDK error, or of a network error below it. */
export function dissect(error: unknown): {
  name: string;
  message: string;
  code: string;
  statusCode: number | undefined;
} {
  const raw = (typeof error === "object" && error !== null ? error : {}) as {
    name?: unknown;
    Code?: unknown;
    message?: unknown;
    code?: unknown;
    cause?: { code?: unknown };
    $fault?: unknown;
    $metadata?: { httpStatusCode?: unknown };
    $response?: { statusCode?: unknown };
  };
  const status = raw.$metadata?.httpStatusCode ?? raw.$response?.statusCode;
  const text = (value: unknown) => (typeof value === "string" ? value : "");
  return {
    name: text(raw.Code) || text(raw.name) || "Error",
    message: text(raw.message),
    code: text(raw.code) || text(raw.cause?.code),
    // An unreadable response also has a status, but no fault.
    statusCode: typeof status === "number" && raw.$fault !== undefined ? status : undefined,
  };
}

/** Whether an error code means that a server is not trusted. Node reports a key that is too short as `UNSPECIFIED`. */
export function isTlsFailure(code: string): boolean {
  return /^(CERT_|CA_|UNABLE_TO_|DEPTH_ZERO|SELF_SIGNED|ERR_TLS|ERR_SSL|HOSTNAME_MISMATCH|EPROTO|UNSPECIFIED|EE_KEY|INVALID_)/.test(
    code,
  );
}

export function isThrottling(name: string, statusCode: number): boolean {
  return (
    statusCode === 429 ||
    /^(Throttl|TooManyRequests|RequestLimitExceeded|RequestThrottled|SlowDown|BandwidthLimitExceeded)/.test(name)
  );
}
