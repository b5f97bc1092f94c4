// tus-js-client by the draft of the IETF, which it speaks in the interop version 6: what both
// versions have is written alike.
import { readFileSync } from 'node:fs';

import { host, step } from './steps.mjs';
import { file, headers, picture, prepare, refusal, run, stopAfter } from './tus.mjs';

const protocol = 'ietf-draft-05';
const bytes = readFileSync(picture);
const chunkSize = Math.ceil(bytes.length / 8);

// The last answer has the document of the upload.
async function send(content, options) {
  const { upload, requests } = prepare(content, { protocol, ...options });
  return { data: JSON.parse((await run(upload)).getBody()).data, requests };
}

await step('buffer', () => send(bytes));
await step('file', () => send(file()));
await step('chunks', () => send(bytes, { chunkSize }));
await step('with the first request', () => send(bytes, { uploadDataDuringCreation: true }));
await step('at the collection', () =>
  send(bytes, { chunkSize, endpoint: `${host}/v1/uploads` }));
await step('fields', () =>
  send(bytes, { metadata: { filename: 'Bühne 🎤.jpg', alt: 'The stage', visibility: 'private' } }));

await step('resumed', async () => {
  const first = prepare(bytes, { protocol, chunkSize });
  await stopAfter(3, first.upload);
  return send(bytes, { uploadUrl: first.upload.url, chunkSize });
});

await step('terminated', async () => {
  const { upload } = prepare(bytes, { protocol, chunkSize });
  await stopAfter(2, upload);
  await upload.abort(true);
  return (await fetch(upload.url, { method: 'HEAD', headers })).status;
});

await step('refused', () => refusal(prepare(Buffer.from('no picture'), { protocol }).upload));
