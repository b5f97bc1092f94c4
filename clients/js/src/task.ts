import * as tus from 'tus-js-client';

import { MEDIA_TYPE, type Connection } from './connection.js';
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
    resolve: (lastResponse: tus.HttpResponse) => void;
    reject: (reason: unknown) => void;
  };
  // For what the browser has stored, or for the network.
  private isWaiting = true;
  private isPaused = false;
  private isSettled = false;

  constructor(
    private readonly connection: Connection,
    private readonly file: Blob,
    private readonly options: TaskOptions,
    finish: (id: string) => Promise<Upload>,
  ) {
    this.upload = this.newUpload();
    const made = new Promise<tus.HttpResponse>((resolve, reject) => {
      this.settle = { resolve, reject };
    });
    this.result = made.then(idOf).then((id) => persist(() => finish(id)));
    void this.begin(null);
  }

  /** Stop sending; what has arrived stays for a day. */
  pause(): void {
    if (this.isPaused || this.isSettled) return;
    this.isPaused = true;
    void this.upload.abort();
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

  /** Give the file up, and have the server forget what has arrived. */
  cancel(reason: unknown = new DOMException('The upload was cancelled.', 'AbortError')): void {
    if (this.isSettled) return;
    this.end();
    this.settle.reject(reason);
    // Where the server cannot be told, it forgets in a day.
    this.upload.abort(true).catch(() => {});
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
      onShouldRetry: (error) => isWorthAnotherTry(error) && isOnline(),
      onProgress: (sent, total) => onProgress?.({ sent, total }),
      onUploadUrlAvailable: () => sending.add(upload.url!),
      onSuccess: ({ lastResponse }) => {
        this.end();
        this.settle.resolve(lastResponse);
      },
      onError: (error) => {
        if (upload === this.upload) this.fail(error);
      },
    });
    return upload;
  }

  /** Starts where this or an earlier page stopped; `url` is where this one did. */
  private async begin(url: string | null): Promise<void> {
    const { upload } = this;
    upload.url = url;
    try {
      const begun = await upload.findPreviousUploads();
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
    const isStopped = upload !== this.upload || this.isPaused || this.isSettled;
    if (isStopped && request.getMethod() !== 'DELETE') {
      // Stopped where tus-js-client does not notice: before a request, or while the token was
      // awaited. It reports no error after this.
      void upload.abort();
      throw new Error('The upload is stopped.');
    }
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

/** Tries again what got no answer: the file is there, and must not be sent a second time. */
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
  const id = response.getHeader('Content-Location')?.split('/').pop();
  if (!id) throw new Error('The answer to the last bytes has no Content-Location.');
  return id;
}
