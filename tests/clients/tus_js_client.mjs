// tus-js-client, the first time that it runs.
import { readFileSync } from 'node:fs';
import { Readable } from 'node:stream';

import * as tus from 'tus-js-client';

import { expires_at, host, page, step, stranger } from './steps.mjs';
import {
  bearer,
  file,
  headers,
  made,
  offsetAt,
  picture,
  prepare,
  refusal,
  run,
  send,
  stopAfter,
  urlStorage,
} from './tus.mjs';

const bytes = readFileSync(picture);
const chunkSize = Math.floor(bytes.length / 8) + 1;

// Any other stream than that of a file: the client cannot ask it for its length.
function stream(content) {
  return Readable.from([content], { objectMode: false });
}

await step('buffer', () => send(bytes));
await step('file', () => send(file()));
await step('stream', () => send(stream(bytes), { chunkSize, uploadSize: bytes.length }));
await step('chunks', () => send(bytes, { chunkSize }));
await step('with the first request', () => send(bytes, { uploadDataDuringCreation: true }));
await step('chunks from the first request', () =>
  send(bytes, { chunkSize, uploadDataDuringCreation: true }));
await step('post instead of patch', () => send(bytes, { chunkSize, overridePatchMethod: true }));

await step('deferred', () => send(stream(bytes), { chunkSize, uploadLengthDeferred: true }));
await step('deferred file', () => send(file(), { uploadLengthDeferred: true }));

await step('parts', () => send(bytes, { parallelUploads: 3, metadata: { filename: 'parts.jpg' } }));
await step('parts in chunks', () => send(file(), { parallelUploads: 3, chunkSize: 50_000 }));

await step('fields', () =>
  send(bytes, {
    metadata: {
      filename: 'Bühne, 舞台 🎤.jpg',
      filetype: 'image/jpeg',
      alt: 'Die große Bühne\nam Abend',
      visibility: 'private',
      'expires-at': expires_at,
      relativePath: 'null',
    },
  }));

await step('aborted', async () => {
  const { upload, requests } = prepare(file());
  await new Promise((resolve, reject) => {
    upload.options.onError = reject;
    // Called while the bytes of a request are on their way.
    upload.options.onProgress = async (sent) => {
      if (sent > 0) {
        upload.options.onProgress = null;
        await upload.abort();
        resolve();
      }
    };
    upload.start();
  });
  return { ...(await made(await run(upload))), requests };
});

await step('terminated', async () => {
  const { upload } = prepare(bytes, { chunkSize });
  await stopAfter(2, upload);
  const before = await offsetAt(upload.url);
  await upload.abort(true);
  return { before, after: await offsetAt(upload.url), chunkSize };
});

await step('refused', async () => {
  const { upload } = prepare(Buffer.from(page.split(',')[1], 'base64'), {
    metadata: { filename: 'page.gif', filetype: 'image/gif' },
  });
  return { ...(await refusal(upload)), after: await offsetAt(upload.url) };
});

await step('too large', async () => {
  const { upload, requests } = prepare(Buffer.alloc(26 * 1024 * 1024));
  return { ...(await refusal(upload)), requests };
});

await step('revoked', async () => {
  const created = await fetch(`${host}/v1/tokens`, {
    method: 'POST',
    headers: { ...headers, 'Content-Type': 'application/vnd.api+json' },
    body: JSON.stringify({ data: { type: 'tokens', attributes: { name: 'Of a phone' } } }),
  });
  const { data } = await created.json();
  const { upload } = prepare(bytes, { chunkSize, headers: bearer(data.attributes.secret) });
  upload.options.onChunkComplete = () => {
    // The next request waits for it.
    upload.options.onBeforeRequest = () =>
      fetch(`${host}/v1/tokens/${data.id}`, { method: 'DELETE', headers });
  };
  const refused = await refusal(upload);
  // Whoever signs in again goes on.
  upload.options.onBeforeRequest = upload.options.onChunkComplete = null;
  upload.options.headers = headers;
  return { ...refused, ...(await made(await run(upload))) };
});

await step('stranger', async () => {
  const { upload } = prepare(bytes, { chunkSize });
  await stopAfter(2, upload);
  const theirs = { endpoint: null, uploadUrl: upload.url, headers: bearer(stranger) };
  const asked = await refusal(prepare(bytes, theirs).upload);
  const ended = await tus.Upload.terminate(upload.url, { headers: bearer(stranger) }).then(
    () => null,
    (error) => error.originalResponse.getStatus(),
  );
  return { asked, ended, after: await offsetAt(upload.url), chunkSize };
});

// The next process goes on with these.
await step('left', async () => {
  const { upload } = prepare(file(), { chunkSize, urlStorage });
  await stopAfter(3, upload);
  return { url: upload.url, chunkSize };
});

// Each part sends one chunk; its second request never begins.
await step('parts left', () =>
  new Promise((resolve, reject) => {
    const options = { parallelUploads: 3, chunkSize: 50_000, urlStorage };
    const { upload } = prepare(bytes, { ...options, metadata: { filename: 'parts.jpg' } });
    let waiting = 0;
    upload.options.onError = reject;
    upload.options.onBeforeRequest = (request) => {
      if (!Number(request.getHeader('Upload-Offset'))) return undefined;
      waiting += 1;
      if (waiting === 3) resolve(null);
      return new Promise(() => {});
    };
    upload.start();
  }));
