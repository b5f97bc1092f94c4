// Remember in this browser which uploads are unfinished, for the time after a reload.
//
// A browser cannot keep the files, so it is remembered by what a file is recognised when it is
// chosen again. Whatever cannot be stored, as in a private window, is not remembered.

export class Unfinished {
  // user: whose they are; others who use this browser do not see them.
  constructor(user) {
    this.key = `unfinished uploads of ${user}`;
  }

  // Return what is not expired: objects with `address`, `expires` (ms) and `offset` (bytes) of an
  // upload, and `name`, `size` and `lastModified` of its file.
  list() {
    try {
      return JSON.parse(localStorage.getItem(this.key) ?? "[]").filter((each) => each.expires > Date.now());
    } catch {
      return [];
    }
  }

  remember(upload) {
    const uploads = this.list();
    const place = uploads.findIndex((each) => each.address === upload.address);
    uploads.splice(place < 0 ? uploads.length : place, 1, upload);
    this.#store(uploads);
  }

  forget(address) {
    this.#store(this.list().filter((each) => each.address !== address));
  }

  #store(uploads) {
    try {
      if (uploads.length > 0) localStorage.setItem(this.key, JSON.stringify(uploads));
      else localStorage.removeItem(this.key);
    } catch {
      // It is full, or forbidden.
    }
  }
}

// Call a function as soon as no other tab has this upload; at once where browsers cannot tell:
// they do for pages over TLS or from this machine.
export function whenFree(address, act) {
  if (navigator.locks) navigator.locks.request(address, act);
  else act();
}
