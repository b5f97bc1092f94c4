import Component from '@glimmer/component';
import { tracked } from '@glimmer/tracking';
import { on } from '@ember/modifier';
import { service } from '@ember/service';
import { modifier } from 'ember-modifier';

// The widths of pictures in app.css, so that the browser chooses a size before it has them.
const SIZES =
  '(min-width: 84rem) 27rem, (min-width: 64rem) 33vw, (min-width: 40rem) 50vw, 100vw';

// By a property, not by an attribute: nothing that the server sends is taken for more than this.
const background = modifier((element, [value]) => {
  element.style.background = value;
});

export default class Picture extends Component {
  @service server;

  @tracked link = null;
  @tracked isLoaded = false;

  constructor() {
    super(...arguments);
    if (this.args.upload.isPrivate) this.#open();
  }

  async #open() {
    this.link = await this.server.downloadLink(this.args.upload);
  }

  get address() {
    return this.args.upload.isPrivate ? this.link?.url : this.args.upload.url;
  }

  get srcset() {
    const { isPrivate, whole } = this.args.upload;
    return whole
      .map(
        ({ name, url, width }) =>
          `${isPrivate ? this.link.variants[name] : url} ${width}w`,
      )
      .join(', ');
  }

  get preview() {
    return this.isLoaded ? '' : this.args.upload.preview;
  }

  loaded = () => {
    this.isLoaded = true;
  };

  <template>
    <a class="frame" href={{this.address}} {{background this.preview}}>
      {{#if @upload.isImage}}
        {{#if this.address}}
          <img
            alt={{if @upload.alt @upload.alt @upload.filename}}
            width={{@upload.width}}
            height={{@upload.height}}
            loading="lazy"
            sizes={{SIZES}}
            srcset={{this.srcset}}
            src={{this.address}}
            {{on "load" this.loaded}}
          />
        {{/if}}
      {{else}}
        {{@upload.filename}}
      {{/if}}
    </a>
  </template>
}
