// What a page needs of JSON:API (https://jsonapi.org/format/1.1/): no library, no build.

export const MEDIA_TYPE = 'application/vnd.api+json';

/** What a server refused, in its own words; `errors` are its error objects. */
export class Refused extends Error {
  constructor(errors) {
    super(errors.map((error) => error.detail ?? error.title).join(' '));
    this.errors = errors;
  }
}

/**
 * A function from an address and the options of `fetch` to the document that answers.
 *
 * @param {?string} token of whoever asks, if they have one
 * @throws {Refused} the answer is an error document
 * @throws {TypeError} there is no answer that this page may read
 */
export function requester(token) {
  const who = token ? { Authorization: `Bearer ${token}` } : {};
  return async (url, options = {}) => {
    const headers = { Accept: MEDIA_TYPE, ...who, ...options.headers };
    const response = await fetch(url, { ...options, headers });
    if (!response.headers.get('Content-Type')?.startsWith(MEDIA_TYPE)) {
      throw new Refused([{ detail: `${new URL(url).host} does not speak JSON:API.` }]);
    }
    const document = await response.json();
    if (!response.ok) throw new Refused(document.errors);
    return document;
  };
}

/**
 * A function from a resource and the name of one of its to-many relationships to the resources
 * at the other end, as far as a compound document includes them.
 */
export function linker({ included = [] }) {
  const found = new Map(included.map((resource) => [identity(resource), resource]));
  return (resource, name) => {
    const linkage = resource.relationships?.[name]?.data ?? [];
    return linkage.map((identifier) => found.get(identity(identifier))).filter(Boolean);
  };
}

/** A resource is known by its type and its id together. */
function identity({ type, id }) {
  return JSON.stringify([type, id]);
}
