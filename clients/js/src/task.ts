import * as tus from 'tus-js-client';

import type { UploadsClient } from './client.js';
import { MEDIA_TYPE, type Answer, type Connection } from './connection.js';
import { UploadsError } from './errors.js';
import { dasherizeMembers } from './names.js';
import type { Upload, UploadAttributes } from './resources.js';
import { chunkSizeHere, sliceReader } from './slices.js';
import { checkAnswer, explain, isWorthAnotherTry } from './tus-errors.js';

/** How far an upload is, in bytes. */
export interface Progress {
  sent: number;
  total: number;
}

export interface TaskOptions {
  attributes?: UploadAttributes;
  onProgress?: (progress: Progress) => void;
  /** Bytes that one request has at most, where a proxy limits them. */
  chunkSize?: number | undefined;
}

// Milliseconds; counted anew whenever bytes have arrived.
const RETRY_DELAYS = [0, 1000, 3000, 5000, 10_000, 20_000];

// Of uploads that are being sent, which no other one of the same file may go on with.
const sending = new Set<string>();

/**
 * One file on its way, by tus 1.0.
 *
 * A broken connection is tried again, and waited for while the browser says that there is none.
 * What a page had sent before it was left or reloaded is not sent again, if the same file is sent
 * with the same attributes.
 */
export class UploadTask {
  /** What is made of the file; rejected with the error, or with the reason of `cancel()`. */
  readonly result: Promise<Upload>;

  // Another one after each pause: of the one before, a request may be about to be sent.
  private upload: tus.Upload;
  private settle!: {
    resolve: (made: Upload) => void;
    reject: (reason: unknown) => void;
  };
  // For what the browser has stored, for the network, for the address of the upload, or for what
  // the server made of it: `resume()` has nothing to begin.
  private isWaiting = true;
  private isPaused = false;
  private isSettled = false;

  constructor(
    private readonly connection: Connection,
    private readonly file: Blob,
    private readonly options: TaskOptions,
    private readonly client: Pick<UploadsClient, 'get' | 'delete'>,
  ) {
    this.upload = this.newUpload();
    this.result = new Promise((resolve, reject) => {
      this.settle = { resolve, reject };
    });
    void this.begin(null);
  }

  /** Stop sending; what has arrived stays for a day. */
  pause(): void {
    if (this.isPaused || this.isSettled) return;
    this.isPaused = true;
    this.stop();
  }

  /** Go on after `pause()`. */
  resume(): void {
    if (!this.isPaused || this.isSettled) return;
    this.isPaused = false;
    if (this.isWaiting) return;
    this.isWaiting = true;
    const { url } = this.upload;
    this.upload = this.newUpload();
    void this.begin(url);
  }

  /** Give the file up, and have the server forget what has arrived or was made of it. */
  cancel(reason: unknown = new DOMException('The upload was cancelled.', 'AbortError')): void {
    if (this.isSettled) return;
    this.isSettled = true;
    this.settle.reject(reason);
    this.stop();
  }

  private newUpload(): tus.Upload {
    const { attributes = {}, onProgress, chunkSize } = this.options;
    const endpoint = this.connection.url('uploads/resumable');
    const metadata = asMetadata(attributes);
    const upload: tus.Upload = new tus.Upload(this.file, {
      endpoint,
      metadata,
      chunkSize: chunkSize ?? chunkSizeHere(),
      retryDelays: RETRY_DELAYS,
      fileReader: sliceReader,
      fingerprint: async (file) => fingerprint(file, endpoint, metadata),
      removeFingerprintOnSuccess: true,
      onBeforeRequest: (request) => this.prepare(upload, request),
      onAfterResponse: (request, response) => checkAnswer(request, response),
      onShouldRetry: (error) => {
        this.isWaiting = false;
        return isWorthAnotherTry(error) && isOnline();
      },
      onProgress: (sent, total) => onProgress?.({ sent, total }),
      onUploadUrlAvailable: () => {
        this.isWaiting = false;
        sending.add(upload.url!);
        if (this.isPaused || this.isSettled) this.stop();
      },
      onSuccess: ({ lastResponse }) => void this.finish(lastResponse),
      onError: (error) => {
        if (upload === this.upload) this.fail(error);
      },
    });
    return upload;
  }

  /** Start where this or an earlier page stopped; `url` is where this one did. */
  private async begin(url: string | null): Promise<void> {
    const { upload } = this;
    upload.url = url;
    try {
      const begun = await upload.findPreviousUploads();
      if (this.isSettled) return;
      const own = begun.find(({ uploadUrl }) => uploadUrl && uploadUrl === url);
      const free = begun.find(({ uploadUrl }) => uploadUrl && !sending.has(uploadUrl));
      const found = url ? own : free;
      if (found) upload.resumeFromPreviousUpload(found);
      if (upload.url) sending.add(upload.url);
    } catch {
      // Without a storage (private windows) nothing was begun.
    }
    this.isWaiting = false;
    this.start();
  }

  private start(): void {
    if (!this.isWaiting && !this.isPaused && !this.isSettled) this.upload.start();
  }

  private stop(): void {
    const { url } = this.upload;
    // Without the answer to its first request nobody could end what that has begun.
    if (this.isWaiting && !url) return;
    void this.upload.abort();
    // Where the server cannot be told, it forgets in a day what is not complete.
    if (this.isSettled && url) this.forget(url).catch(() => {});
  }

  private async forget(url: string): Promise<void> {
    const { upload } = this;
    try {
      const path = `uploads/resumable/${lastSegment(url)}`;
      const headers = { 'Tus-Resumable': '1.0.0' };
      // After this, no request that is still on its way can complete it.
      const made = await persist(() => this.connection.request('HEAD', path, idMade, { headers }));
      await upload.abort(true);
      if (made) await this.client.delete(made);
    } finally {
      sending.delete(url);
    }
  }

  private async finish(lastResponse: tus.HttpResponse): Promise<void> {
    this.isWaiting = true;
    try {
      const id = idOf(lastResponse);
      this.settle.resolve(await persist(() => this.client.get(id)));
    } catch (error) {
      this.settle.reject(error);
    }
    this.end();
  }

  private waitForNetwork(): void {
    this.isWaiting = true;
    const goOn = () => {
      this.isWaiting = false;
      this.start();
    };
    addEventListener('online', goOn, { once: true });
  }

  private async prepare(upload: tus.Upload, request: tus.HttpRequest): Promise<void> {
    // For the error documents.
    request.setHeader('Accept', MEDIA_TYPE);
    for (const [name, value] of Object.entries(await this.connection.authorization())) {
      request.setHeader(name, value);
    }
    const method = request.getMethod();
    if (method === 'DELETE') return;
    // A request with a file that is gone breaks as if the network had.
    await this.file.slice(0, 1).arrayBuffer();
    if (upload !== this.upload || this.isPaused || this.isSettled) {
      // Stopped where tus-js-client does not notice: before a request, or while the token was
      // awaited. It reports no error after this.
      void upload.abort();
      throw new Error('The upload is stopped.');
    }
    if (method === 'POST') this.isWaiting = true;
  }

  private fail(error: Error | tus.DetailedError): void {
    if (isWorthAnotherTry(error) && !isOnline()) {
      this.waitForNetwork();
      return;
    }
    this.end();
    this.settle.reject(explain(error, this.connection.baseUrl));
  }

  private end(): void {
    this.isSettled = true;
    if (this.upload.url) sending.delete(this.upload.url);
  }
}

/** Try again what got no answer: the file is there, and must not be sent a second time. */
async function persist<Result>(act: () => Promise<Result>): Promise<Result> {
  for (const delay of RETRY_DELAYS) {
    try {
      return await act();
    } catch (error) {
      const isPassing = error instanceof UploadsError && (error.status === 0 || error.status >= 500);
      if (!isPassing) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, delay));
  }
  return act();
}

function asMetadata(attributes: UploadAttributes): Record<string, string> {
  const given = Object.entries(dasherizeMembers(attributes)).filter(([, value]) => value != null);
  return Object.fromEntries(given.map(([name, value]) => [name, `${value}`]));
}

/** Return what tells a file from others; nothing for one that has no name. */
function fingerprint(file: Blob, endpoint: string, metadata: object): string {
  if (!(file instanceof File)) return '';
  // With the attributes: an upload that is gone on with keeps those that it began with.
  const { name, type, size, lastModified } = file;
  return `open-event-uploads:${JSON.stringify([endpoint, name, type, size, lastModified, metadata])}`;
}

function isOnline(): boolean {
  return typeof navigator === 'undefined' || navigator.onLine !== false;
}

function idOf(response: tus.HttpResponse): string {
  const location = response.getHeader('Content-Location');
  if (!location) throw new Error('The answer to the last bytes has no Content-Location.');
  return lastSegment(location);
}

function idMade({ headers }: Answer): string | null {
  const location = headers.get('Content-Location');
  return location && lastSegment(location);
}

function lastSegment(address: string): string {
  return address.slice(address.lastIndexOf('/') + 1);
}
