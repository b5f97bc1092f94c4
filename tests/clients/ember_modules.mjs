// What an Ember build does to imports, so that Node runs Ember without a build: packages such as
// `@ember/object` are modules inside ember-source, which names them, and macros are constants.
import { createRequire, register } from 'node:module';
import { isMainThread } from 'node:worker_threads';

// Node loads this file once more, off the main thread, for the hook below.
if (isMainThread) register(import.meta.url);

const emberSource = createRequire(import.meta.url)('ember-source/package.json');
const modules = emberSource['ember-addon']['renamed-modules'];
const macros = 'data:text/javascript,export const isDevelopingApp = () => false;';

export function resolve(specifier, context, next) {
  if (specifier === '@embroider/macros') return { url: macros, shortCircuit: true };
  const inside = modules[`${specifier}.js`] ?? modules[`${specifier}/index.js`];
  return next(inside ?? specifier, context);
}
