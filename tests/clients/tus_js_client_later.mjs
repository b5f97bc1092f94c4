// tus-js-client in another process, which knows what `tus_js_client.mjs` wrote down.
import { readFileSync } from 'node:fs';

import { host, step } from './steps.mjs';
import { file, headers, made, picture, prepare, run, urlStorage } from './tus.mjs';

async function goOn(content, options = {}) {
  const { upload, requests } = prepare(content, { urlStorage, ...options });
  const [previous] = await upload.findPreviousUploads();
  upload.resumeFromPreviousUpload(previous);
  return { ...(await made(await run(upload))), requests };
}

await step('resumed', () => goOn(file()));
await step('parts resumed', () =>
  goOn(readFileSync(picture), { metadata: { filename: 'parts.jpg' } }));

let finished;
await step('finished before', async () => {
  finished = await goOn(file());
  return finished;
});

await step('deleted since', async () => {
  await fetch(`${host}/v1/uploads/${finished.id}`, { method: 'DELETE', headers });
  return goOn(file());
});
