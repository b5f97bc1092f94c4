// Print `src/schema.ts`, the types of the API that the client needs, from its description:
//   open-event-uploads openapi | node clients/js/schema.mjs > clients/js/src/schema.ts
import { text } from 'node:stream/consumers';

import openapiTS, { astToString } from 'openapi-typescript';

const NEEDED = ['Error', 'PoliciesAttributes', 'UploadsAttributes', 'UploadsChange', 'VariantsAttributes'];

const { openapi, info, paths, components } = JSON.parse(await text(process.stdin));

// Of the requests, only what a list may be asked for.
const { operationId, parameters } = paths['/v1/uploads'].get;
const list = { get: { operationId, parameters, responses: {} } };
const schemas = Object.fromEntries(NEEDED.map((name) => [name, components.schemas[name]]));
const needed = {
  openapi,
  info,
  paths: { '/v1/uploads': list },
  components: { parameters: components.parameters, schemas },
};

console.log('// Made by schema.mjs from the description of the API: do not edit.');
process.stdout.write(astToString(await openapiTS(needed, { alphabetize: true })));
