import { dasherize } from './names.js';
import type { components } from './schema.js';

/** What the server says about one thing that is wrong (JSON:API, "Error Objects"). */
export type ErrorObject = Omit<components['schemas']['Error'], 'meta'> & {
  meta?: { attribute?: string; message?: string; limit?: number; actual?: number };
};

/** A request that was refused, or that got no answer. */
export class UploadsError extends Error {
  override name = 'UploadsError';

  /**
   * @param status of HTTP, or 0 if there was no answer: no network, or a page of an origin that
   *   `UPLOADS_CORS_ORIGINS` does not name.
   * @param errors at least one
   * @param retryAfter seconds that the server asks to wait
   */
  constructor(
    readonly status: number,
    readonly errors: ErrorObject[],
    readonly retryAfter: number | null = null,
    options?: ErrorOptions,
  ) {
    super(errors.map(({ detail, title }) => detail ?? title).join(' '), options);
  }

  /** The stable code of the first error, such as `corrupt-image`. */
  get code(): string {
    return this.errors[0]?.code ?? '';
  }

  /** Return what is wrong with an attribute, such as `alt`: to be shown at its field. */
  at(attribute: string): string[] {
    const name = dasherize(attribute);
    return this.errors
      .filter((error) => attributeOf(error) === name)
      .map(({ detail, title, meta }) => meta?.message ?? detail ?? title);
  }
}

/** Return the error for a request that got no answer. */
export function noAnswer(baseUrl: string, cause: unknown): UploadsError {
  const detail = `${baseUrl} does not answer, or does not let this page read its answers.`;
  const error = { status: '0', code: 'no-answer', title: 'No answer', detail };
  return new UploadsError(0, [error], null, { cause });
}

/** Return the error for an answer, whose body may be empty, or a proxy's page. */
export function refusal(
  status: number,
  body: string,
  retryAfter: string | null | undefined,
): UploadsError {
  const seconds = retryAfter && /^\d+$/.test(retryAfter) ? Number(retryAfter) : null;
  const errors = errorObjects(body);
  return errors.length > 0 ? new UploadsError(status, errors, seconds) : unexpected(status);
}

/** Return the error for an answer that is not of this API, such as a page of a proxy. */
export function unexpected(status: number, cause?: unknown): UploadsError {
  const detail = `The server answered ${status}, but not as an upload server does.`;
  const error = { status: `${status}`, code: 'unexpected-answer', title: 'Unexpected answer', detail };
  return new UploadsError(status, [error], null, { cause });
}

function errorObjects(body: string): ErrorObject[] {
  try {
    const { errors } = JSON.parse(body);
    return errors.filter((error: unknown) => typeof error === 'object' && error !== null);
  } catch {
    return [];
  }
}

function attributeOf({ meta, source }: ErrorObject): string | undefined {
  return meta?.attribute ?? /^\/data\/attributes\/([^/]+)/.exec(source?.pointer ?? '')?.[1];
}
