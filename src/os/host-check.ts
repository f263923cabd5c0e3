/**
 * What the host must have, found out before any other module of the library is read: an old host would fail in the middle
 * of one, for a reason that tells nobody what to do.
 */

if (!('Suspending' in WebAssembly)) {
  throw new Error('KaleidOS needs a host with JavaScript Promise Integration (WebAssembly.Suspending), such as Node 26, and this one has ' +
    'none. Run your program with it: npm install --save-dev node@26, then npx node')
}

export {}
