import { service } from '@ember/service';
import { JSONAPIAdapter } from '@warp-drive/legacy/adapter/json-api';
import config from '../config/environment';

export default class ApplicationAdapter extends JSONAPIAdapter {
  @service server;

  host = config.uploads.server;
  namespace = 'v1';

  get headers() {
    return {
      ...this.server.headers,
      // Lists have `links.next` with a cursor: a page stays right while others upload.
      Accept:
        'application/vnd.api+json;profile="https://jsonapi.org/profiles/ethanresnick/cursor-pagination/"',
    };
  }

  handleResponse(status, ...rest) {
    if (status === 401) this.server.signOut();
    return super.handleResponse(status, ...rest);
  }
}
