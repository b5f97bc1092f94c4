export {
  UploadsClient,
  type ChangeOptions,
  type ClientOptions,
  type Content,
  type UploadOptions,
  type UploadPage,
} from './client.js';
export type { Token } from './connection.js';
export { UploadsError, type ErrorObject } from './errors.js';
export type { UploadQuery } from './query.js';
export type { DownloadLink, Policy, Upload, UploadAttributes, Variant } from './resources.js';
export { UploadTask, type Progress, type TaskOptions } from './task.js';
