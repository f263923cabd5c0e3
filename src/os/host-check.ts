/**
 * What the host must have, found out before any other module of the library is read: an old host would fail in the middle
 * of one, for a reason that tells nobody what to do.
 */

if (!('Suspending' in WebAssembly)) {
  throw new Error('KaleidOS needs a host with JavaScript Promise Integration (WebAssembly.Suspending), and this one has none. ' +
    'Such are Node 26 (npm install --save-dev node@26, then npx node), and Chrome, Edge and Chromium from 137 on')
}

export {}
