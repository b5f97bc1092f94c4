import { Connection, MEDIA_TYPE, type Answer, type RequestOptions, type Token } from './connection.js';
import { camelizeMembers, dasherizeMembers } from './names.js';
import { parameters, type UploadQuery } from './query.js';
import {
  readUpload,
  readUploads,
  type DownloadLink,
  type Policy,
  type Upload,
  type UploadAttributes,
} from './resources.js';
import { UploadTask, type TaskOptions } from './task.js';

export interface ClientOptions {
  /** Where the server is, such as `https://uploads.example.org`. */
  baseUrl: string;
  token?: Token;
  /** Bytes that one request of an upload has at most, where a proxy limits them. */
  chunkSize?: number;
}

export interface UploadOptions extends TaskOptions {
  /** When it is aborted, the upload is given up, as by `UploadTask.cancel()`. */
  signal?: AbortSignal;
}

export interface ChangeOptions {
  /** The `etag` that was seen: a version changed since is refused with 412. */
  ifMatch?: string | null;
}

/** What is sent: in Node, `openAsBlob` makes a `Blob` of a file. */
export type Content = Blob | Uint8Array;

export interface UploadPage {
  uploads: Upload[];
  /** Where the next page begins; null after the last one. */
  next: string | null;
}

const CURSORS = `${MEDIA_TYPE};profile="https://jsonapi.org/profiles/ethanresnick/cursor-pagination/"`;
const JSON_API = { 'Content-Type': MEDIA_TYPE };
// What browsers send for a page that is left (Fetch, "HTTP-network-or-cache fetch").
const MOST_KEPT_ALIVE_BYTES = 64 * 1024;
const WITH_VARIANTS = new URLSearchParams({ include: 'variants' });

/** A client of one server. Each method throws `UploadsError` if the server refuses or is away. */
export class UploadsClient {
  private readonly connection: Connection;
  private readonly chunkSize: number | undefined;

  constructor({ baseUrl, token = null, chunkSize }: ClientOptions) {
    this.connection = new Connection(baseUrl, token);
    this.chunkSize = chunkSize;
  }

  /** Send a file, and return what the server made of it. */
  async upload(file: Content, options: UploadOptions = {}): Promise<Upload> {
    const { signal } = options;
    signal?.throwIfAborted();
    const task = this.startUpload(file, options);
    const cancel = () => task.cancel(signal?.reason);
    signal?.addEventListener('abort', cancel);
    try {
      return await task.result;
    } finally {
      signal?.removeEventListener('abort', cancel);
    }
  }

  /** Begin to send a file; the task can be paused, and has the `result`. */
  startUpload(file: Content, options: TaskOptions = {}): UploadTask {
    const name = file instanceof File ? { filename: file.name } : {};
    return new UploadTask(
      this.connection,
      asBlob(file),
      { chunkSize: this.chunkSize, ...options, attributes: { ...name, ...options.attributes } },
      this,
    );
  }

  /** Yield all uploads that fit, page after page. */
  async *list(query: UploadQuery = {}): AsyncGenerator<Upload, void, undefined> {
    let next: string | null = null;
    do {
      const page: UploadPage = await this.page(query, next);
      yield* page.uploads;
      next = page.next;
    } while (next !== null);
  }

  /** Return one page of a list; `after` is the `next` of the page before. */
  async page(query: UploadQuery = {}, after: string | null = null): Promise<UploadPage> {
    return this.connection.request('GET', 'uploads', readPage, {
      query: parameters(query, after),
      headers: { Accept: CURSORS },
    });
  }

  async get(id: string): Promise<Upload> {
    return this.one('GET', `uploads/${encodeURIComponent(id)}`);
  }

  /** Change attributes; those that are absent or null stay, and an empty text clears. */
  async update(
    id: string,
    attributes: UploadAttributes,
    { ifMatch }: ChangeOptions = {},
  ): Promise<Upload> {
    const data = { type: 'uploads', id, attributes: dasherizeMembers(attributes) };
    const body = new Blob([JSON.stringify({ data })]);
    return this.one('PATCH', `uploads/${encodeURIComponent(id)}`, {
      headers: { ...JSON_API, ...condition(ifMatch) },
      body,
      keepalive: body.size <= MOST_KEPT_ALIVE_BYTES,
    });
  }

  /** Replace the bytes; the upload has another `url` afterwards. */
  async replaceContent(
    id: string,
    content: Content,
    { ifMatch }: ChangeOptions = {},
  ): Promise<Upload> {
    return this.one('PUT', `uploads/${encodeURIComponent(id)}/content`, {
      headers: { 'Content-Type': 'application/octet-stream', ...condition(ifMatch) },
      body: asBlob(content),
    });
  }

  async delete(id: string, { ifMatch }: ChangeOptions = {}): Promise<void> {
    await this.connection.request('DELETE', `uploads/${encodeURIComponent(id)}`, () => {}, {
      headers: condition(ifMatch),
    });
  }

  /** Return addresses of a private file that work without a token, by default for 15 minutes. */
  async downloadLink(id: string, options: { expiresIn?: number } = {}): Promise<DownloadLink> {
    const path = `uploads/${encodeURIComponent(id)}/download-link`;
    const read = ({ document }: Answer) => camelizeMembers(document.meta) as unknown as DownloadLink;
    return this.connection.request('POST', path, read, {
      headers: JSON_API,
      body: JSON.stringify({ meta: dasherizeMembers(options) }),
    });
  }

  /** Return the limits in force. */
  async policies(): Promise<Policy> {
    const read = ({ document }: Answer) => camelizeMembers(document.data.attributes) as Policy;
    return this.connection.request('GET', 'policies/current', read);
  }

  /**
   * Sign in: further requests have the session, which lasts an hour.
   *
   * @returns the session, which is a `token`, and a token of this device, to be stored and given to
   *   the next `signIn`, so that strangers who guess the password do not lock it out
   */
  async signIn(
    email: string,
    password: string,
    deviceToken: string | null = null,
  ): Promise<{ token: string; deviceToken: string }> {
    const session = await this.connection.request('POST', 'auth/session', readSession, {
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ email, password, device_token: deviceToken }),
    });
    this.connection.token = session.token;
    return session;
  }

  private async one(
    method: string,
    path: string,
    options: Omit<RequestOptions, 'query'> = {},
  ): Promise<Upload> {
    const read = ({ document, headers }: Answer) => readUpload(document, headers.get('ETag'));
    return this.connection.request(method, path, read, { query: WITH_VARIANTS, ...options });
  }
}

function readPage({ document }: Answer): UploadPage {
  const link = document.links?.next;
  const next = link ? new URL(link.href ?? link).searchParams.get('page[after]') : null;
  return { uploads: readUploads(document), next };
}

function readSession({ document }: Answer): { token: string; deviceToken: string } {
  if (typeof document.access_token !== 'string') throw new TypeError('There is no token.');
  return { token: document.access_token, deviceToken: document.device_token };
}

function asBlob(content: Content): Blob {
  return content instanceof Blob ? content : new Blob([content as Uint8Array<ArrayBuffer>]);
}

function condition(ifMatch: string | null | undefined): Record<string, string> {
  return ifMatch ? { 'If-Match': ifMatch } : {};
}
