import { Model, attr, hasMany } from '@warp-drive/legacy/model';
import { thumbHashToDataURL } from 'thumbhash';

export default class UploadModel extends Model {
  // What this application writes. The server never sends `data` back.
  @attr data;
  @attr filename;
  @attr alt;
  @attr visibility;

  // What the server finds out.
  @attr url;
  @attr mediaType;
  @attr width;
  @attr height;
  @attr placeholder;
  @attr color;
  @hasMany('variant', { async: false, inverse: null }) variants;

  get isImage() {
    return this.mediaType.startsWith('image/');
  }

  get isPrivate() {
    return this.visibility === 'private';
  }

  /** What to show until the picture is there: a CSS background. */
  get preview() {
    if (!this.placeholder) return this.color ?? '';
    const hash = Uint8Array.from(atob(this.placeholder), (c) =>
      c.charCodeAt(0),
    );
    return `center / contain no-repeat url("${thumbHashToDataURL(hash)}")`;
  }

  /** The variants of the whole picture: neither cropped nor padded. */
  get whole() {
    const tolerance = Math.max(this.width, this.height); // of a pixel, by rounding
    return this.variants.filter(
      ({ width, height }) =>
        Math.abs(width * this.height - height * this.width) <= tolerance,
    );
  }
}
