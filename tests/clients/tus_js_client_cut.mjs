// tus-js-client over a network that breaks all the time.
import { createReadStream } from 'node:fs';

import { folder, step } from './steps.mjs';
import { prepare, run } from './tus.mjs';

// It gives up after four failures without progress, of its own accord.
const retryDelays = Array(200).fill(50);

await step('big', async () => {
  const { upload } = prepare(createReadStream(`${folder}/big.jpg`), { retryDelays });
  return (await run(upload)).getHeader('Content-Location');
});
