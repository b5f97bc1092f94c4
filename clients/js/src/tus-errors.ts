import type { DetailedError, HttpRequest, HttpResponse } from 'tus-js-client';

import { noAnswer, refusal, UploadsError } from './errors.js';

/** Refuse the answers to HEAD after which the client would begin again, though the bytes are there. */
export function checkAnswer(request: HttpRequest, response: HttpResponse): void {
  const status = response.getStatus();
  const isGone = status === 404 || status === 410;
  if (request.getMethod() === 'HEAD' && status >= 400 && !isGone) throw asError(response);
}

function asError(response: HttpResponse): UploadsError {
  return refusal(response.getStatus(), response.getBody(), response.getHeader('Retry-After'));
}

/** Tell whether the same request may succeed later. */
export function isWorthAnotherTry(error: Error | DetailedError): boolean {
  const cause = causeOf(error);
  if (isUnreadable(cause)) return false;
  if (!(cause instanceof UploadsError)) return 'originalRequest' in error;
  // 409 and 423: another request of the same upload, or the offset is to be asked for.
  return cause.status >= 500 || cause.status === 409 || cause.status === 423;
}

/** Return the error for whoever sends the file. */
export function explain(error: Error | DetailedError, baseUrl: string): unknown {
  const cause = causeOf(error);
  if (cause instanceof UploadsError || isUnreadable(cause)) return cause;
  return 'originalRequest' in error ? noAnswer(baseUrl, error) : error;
}

/** Tell whether the file is not there any more, or another one than was chosen. */
function isUnreadable(cause: unknown): boolean {
  const names = ['NotFoundError', 'NotReadableError'];
  return cause instanceof DOMException && names.includes(cause.name);
}

function causeOf(error: Error | DetailedError): unknown {
  if (!('originalRequest' in error)) return error;
  return error.originalResponse ? asError(error.originalResponse) : error.causingError;
}
