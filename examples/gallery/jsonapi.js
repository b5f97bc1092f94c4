// Speaks JSON:API (https://jsonapi.org/format/1.1/) as far as a page needs it, without a library.

export const MEDIA_TYPE = 'application/vnd.api+json';

/** A refusal in the server's words; `errors` are its error objects. */
export class Refused extends Error {
  constructor(errors) {
    super(errors.map((error) => error.detail ?? error.title).join(' '));
    this.errors = errors;
  }
}

/**
 * Returns a function that fetches an address, with the options of `fetch`, and returns the
 * document.
 *
 * @param {?string} token of the user, if there is one
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
 * Returns a function that finds the resources of a to-many relationship in a compound document.
 * It takes a resource and the name of the relationship.
 */
export function linker({ included = [] }) {
  const found = new Map(included.map((resource) => [identity(resource), resource]));
  return (resource, name) => {
    const linkage = resource.relationships?.[name]?.data ?? [];
    return linkage.map((identifier) => found.get(identity(identifier))).filter(Boolean);
  };
}

/** Returns a key of type and id together. */
function identity({ type, id }) {
  return JSON.stringify([type, id]);
}
