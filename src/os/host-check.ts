/**
 * What the host must have, found out before any other module of the library is read: an old host would fail in the middle
 * of one, for a reason that tells nobody what to do.
 *
 * Without JavaScript Promise Integration programs run on threads of their own (suspension.ts), whose memory they share.
 */

const threads = typeof SharedArrayBuffer === 'function' && 'waitAsync' in Atomics && 'transfer' in ArrayBuffer.prototype

if (!('Suspending' in WebAssembly) && !threads) {
  throw new Error('KaleidOS needs a host with JavaScript Promise Integration (WebAssembly.Suspending), or threads that share memory, and this one has neither. ' +
    'Such are Node 26 (npm install --save-dev node@26, then npx node), and Chrome, Edge and Chromium from 137 on. ' +
    'In a page, threads share memory when it is served with the headers Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp')
}

export {}
