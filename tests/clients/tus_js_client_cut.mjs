// tus-js-client over a network that breaks all the time.
import { createReadStream } from 'node:fs';

import { folder, parts, step } from './steps.mjs';
import { prepare, run } from './tus.mjs';

// It gives up after four failures without progress, of its own accord.
const retryDelays = Array(200).fill(50);

await step('big', async () => {
  const options = { retryDelays, parallelUploads: Number(parts) };
  const { upload } = prepare(createReadStream(`${folder}/big.jpg`), options);
  const again = (error) => {
    // The one request that it sends once, whatever happens, puts the parts together.
    if (error.originalRequest) throw error;
    return run(upload).catch(again);
  };
  return (await run(upload).catch(again)).getHeader('Content-Location');
});
