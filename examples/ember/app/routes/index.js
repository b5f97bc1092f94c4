import Route from '@ember/routing/route';
import { service } from '@ember/service';
import { query } from '@warp-drive/legacy/compat/builders';

export default class IndexRoute extends Route {
  @service router;
  @service server;
  @service store;

  beforeModel() {
    if (!this.server.token) this.router.replaceWith('sign-in');
  }

  async model() {
    const firstPage = { include: 'variants', page: { size: 20 } };
    const { content } = await this.store.request(query('upload', firstPage));
    return content;
  }
}
