import { Model, attr } from '@warp-drive/legacy/model';

export default class VariantModel extends Model {
  @attr name;
  @attr url;
  @attr width;
  @attr height;
}
