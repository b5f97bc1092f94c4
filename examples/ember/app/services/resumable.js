import Service, { service } from '@ember/service';
import { Upload } from 'tus-js-client';

const SECONDS = 1000;

/** Send large files in a way that a broken connection, or a reload of the page, only delays. */
export default class ResumableService extends Service {
  @service server;

  /**
   * Send a file, and go on where an earlier attempt with the same file stopped.
   *
   * @param {File} file
   * @param {object} attributes `filename`, `alt` and others of an upload
   * @param {(share: number) => void} onProgress is given what the server has, from 0 to 1
   * @param {AbortSignal} signal stops it; the same file then goes on later
   * @returns {Promise<string>} the id of the upload
   * @throws {Error} with the `errors` of the server, if it refused the file
   */
  async send(file, attributes, { onProgress, signal }) {
    const { promise, resolve, reject } = Promise.withResolvers();
    const sending = new Upload(file, {
      endpoint: `${this.server.address}/v1/uploads/resumable`,
      headers: this.server.headers,
      metadata: attributes,
      // How the same file is known again. What was to be private does not go on as public.
      fingerprint: async () =>
        JSON.stringify([
          file.name,
          file.size,
          file.lastModified,
          attributes.visibility,
        ]),
      removeFingerprintOnSuccess: true,
      retryDelays: [0, 1, 2, 5, ...Array(60).fill(5)].map((s) => s * SECONDS),
      onShouldRetry: ({ originalResponse }) =>
        isPassing(originalResponse?.getStatus() ?? 0),
      onProgress: (sent, total) => onProgress(sent / total),
      onError: (error) => reject(withErrors(error)),
      onSuccess: ({ lastResponse }) =>
        resolve(lastResponse.getHeader('Content-Location').split('/').pop()),
    });
    signal.addEventListener('abort', () => {
      sending.abort();
      reject(signal.reason);
    });
    const [earlier] = await sending.findPreviousUploads();
    if (earlier) sending.resumeFromPreviousUpload(earlier);
    sending.start();
    return promise;
  }
}

/** Tell whether the next attempt may succeed: there was no answer (0), or one for now. */
function isPassing(status) {
  return status === 0 || status >= 500 || [409, 423, 429, 460].includes(status);
}

/** Add the errors of the server's document to an error of the client. */
function withErrors(error) {
  try {
    error.errors = JSON.parse(error.originalResponse.getBody()).errors;
  } catch {
    // There was no answer, or a proxy gave it.
  }
  return error;
}
