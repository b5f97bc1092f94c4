import type { FileReader, FileSource, SliceResult } from 'tus-js-client';

// Outside browsers a slice is read into memory before it is sent.
const NODE_CHUNK_SIZE = 8 * 1024 * 1024;

const isBrowser = typeof XMLHttpRequest !== 'undefined';

/** Return the bytes of one request: in browsers all of them, which stay where they are. */
export function chunkSizeHere(): number {
  return isBrowser ? Infinity : NODE_CHUNK_SIZE;
}

/** Read a `Blob`, which tus-js-client itself can do in browsers alone. */
export const sliceReader: FileReader = {
  openFile: async (file: Blob): Promise<FileSource> => ({
    size: file.size,
    close: () => {},
    slice: async (start, end): Promise<SliceResult> => {
      const part = file.slice(start, end);
      const value = isBrowser ? part : withSize(new Uint8Array(await part.arrayBuffer()));
      return { value, done: end >= file.size };
    },
  }),
};

/** Add the length under the name that tus-js-client looks for. */
function withSize(bytes: Uint8Array): Uint8Array & { size: number } {
  return Object.assign(bytes, { size: bytes.length });
}
