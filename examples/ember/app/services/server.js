import Service, { service } from '@ember/service';
import { tracked } from '@glimmer/tracking';
import config from '../config/environment';

const TOKEN = 'open-event-uploads-token';

/** Who is signed in, and what the server offers beside records. */
export default class ServerService extends Service {
  @service router;
  @service store;

  // Until the window is closed.
  @tracked token = sessionStorage.getItem(TOKEN);

  address = config.uploads.server;

  get headers() {
    return this.token ? { Authorization: `Bearer ${this.token}` } : {};
  }

  async signIn(email, password) {
    const answer = await this.#post('auth/session', 'application/json', {
      email,
      password,
    });
    this.token = answer.access_token;
    sessionStorage.setItem(TOKEN, this.token);
    this.router.transitionTo('index');
  }

  async signOut() {
    this.token = null;
    sessionStorage.removeItem(TOKEN);
    await this.router.transitionTo('sign-in');
    // What this user could see is not for the next one.
    this.store.unloadAll();
  }

  /**
   * Return addresses that show a private picture to whoever has them, until the session ends:
   * `url`, and `variants` by name. An `<img>` cannot send a token.
   */
  async downloadLink({ id }) {
    const path = `uploads/${id}/download-link`;
    const asked = { meta: { 'expires-in': 3600 } };
    return (await this.#post(path, 'application/vnd.api+json', asked)).meta;
  }

  async #post(path, type, sent) {
    const { content } = await this.store.requestManager.request({
      url: `${this.address}/v1/${path}`,
      method: 'POST',
      headers: new Headers({ ...this.headers, 'Content-Type': type }),
      body: JSON.stringify(sent),
    });
    return content;
  }
}
