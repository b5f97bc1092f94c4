import { noAnswer, refusal, unexpected } from './errors.js';

export const MEDIA_TYPE = 'application/vnd.api+json';

/** A token, or a function that returns the one to send with the next request. */
export type Token = string | null | (() => string | null | Promise<string | null>);

export interface RequestOptions {
  query?: URLSearchParams;
  headers?: Record<string, string>;
  body?: BodyInit;
  /** Whether it goes on where its page is left meanwhile. */
  keepalive?: boolean;
}

export interface Answer {
  /** The JSON document; null if the answer has none. */
  document: any;
  headers: Headers;
}

/** Where the server is, and who asks. */
export class Connection {
  readonly baseUrl: string;

  constructor(
    baseUrl: string,
    public token: Token,
  ) {
    this.baseUrl = baseUrl.replace(/\/+$/, '');
  }

  url(path: string): string {
    return `${this.baseUrl}/v1/${path}`;
  }

  async authorization(): Promise<Record<string, string>> {
    const token = typeof this.token === 'function' ? await this.token() : this.token;
    return token ? { Authorization: `Bearer ${token}` } : {};
  }

  /**
   * @param read takes from the answer what is needed, and may throw
   * @throws {UploadsError} if the server refuses, does not answer, or answers something else
   */
  async request<Result>(
    method: string,
    path: string,
    read: (answer: Answer) => Result,
    options: RequestOptions = {},
  ): Promise<Result> {
    const { query, headers, ...rest } = options;
    const url = query ? `${this.url(path)}?${query}` : this.url(path);
    const sent = { Accept: MEDIA_TYPE, ...(await this.authorization()), ...headers };
    let response: Response;
    let text: string;
    try {
      response = await fetch(url, { method, headers: sent, ...rest });
      text = await response.text();
    } catch (error) {
      throw noAnswer(this.baseUrl, error);
    }
    if (!response.ok) throw refusal(response.status, text, response.headers.get('Retry-After'));
    try {
      return read({ document: text ? JSON.parse(text) : null, headers: response.headers });
    } catch (error) {
      throw unexpected(response.status, error);
    }
  }
}
