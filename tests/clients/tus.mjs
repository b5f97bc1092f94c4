// tus-js-client as its documentation sets it up: with an address and a token.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';

import * as tus from 'tus-js-client';

import { folder, host, token } from './steps.mjs';

export const endpoint = `${host}/v1/uploads/resumable`;
export const headers = bearer(token);
export const picture = `${folder}/noise.jpg`;
export const urlStorage = new tus.FileUrlStorage(`${folder}/addresses.json`);

export function bearer(secret) {
  return { Authorization: `Bearer ${secret}` };
}

// Each request is noted as its method and, of a PATCH, the offset that it sends.
export function prepare(file, options = {}) {
  const requests = [];
  const onBeforeRequest = (request) => {
    requests.push([request.getMethod(), number(request.getHeader('Upload-Offset'))]);
  };
  const upload = new tus.Upload(file, { endpoint, headers, onBeforeRequest, ...options });
  return { upload, requests };
}

export function run(upload) {
  return new Promise((resolve, reject) => {
    upload.options.onSuccess = ({ lastResponse }) => resolve(lastResponse);
    upload.options.onError = reject;
    upload.start();
  });
}

export async function send(file, options) {
  const { upload, requests } = prepare(file, options);
  return { ...(await made(await run(upload))), requests };
}

// What the last answer says the upload has become, and the bytes that it shows.
export async function made(lastResponse) {
  const address = new URL(lastResponse.getHeader('Content-Location'), host);
  const { data } = await (await fetch(address, { headers })).json();
  const bytes = await (await fetch(data.attributes.url, { headers })).arrayBuffer();
  const sha256 = createHash('sha256').update(Buffer.from(bytes)).digest('hex');
  return { id: data.id, attributes: data.attributes, sha256 };
}

// The error of an upload that must not succeed.
export async function refusal(upload) {
  const error = await run(upload).then(() => null, (reason) => reason);
  const response = error?.originalResponse;
  return { status: response?.getStatus(), body: JSON.parse(response?.getBody() || 'null') };
}

// Start, and stop as soon as so many chunks are acknowledged.
export function stopAfter(count, upload) {
  return new Promise((resolve, reject) => {
    let seen = 0;
    upload.options.onError = reject;
    upload.options.onChunkComplete = async () => {
      seen += 1;
      if (seen === count) {
        await upload.abort();
        resolve();
      }
    };
    upload.start();
  });
}

export async function offsetAt(url) {
  const { status, headers: fields } = await fetch(url, {
    method: 'HEAD',
    headers: { ...headers, 'Tus-Resumable': '1.0.0' },
  });
  return { status, offset: number(fields.get('Upload-Offset')) };
}

function number(field) {
  return field == null ? null : Number(field);
}

export const file = () => createReadStream(picture);
