// JavaScript Promise Integration: what the WebAssembly namespace has beside lib.dom's declarations.
//
// Source: WebAssembly JavaScript Promise Integration proposal, phase 4,
// https://github.com/WebAssembly/js-promise-integration

declare namespace WebAssembly {
  /** An import that suspends the WebAssembly stack until the promise it returned is settled. */
  interface Suspending extends Function {}
  var Suspending: { prototype: Suspending, new(callee: (...args: never[]) => unknown): Suspending }

  /** Thrown where a suspending import is called with a JavaScript frame between it and its `promising` export. */
  interface SuspendError extends Error {}
  var SuspendError: { prototype: SuspendError, new(message?: string): SuspendError }

  /** Wraps an export so that it runs on a stack of its own and returns a promise of its result. */
  function promising<A extends unknown[], R>(exported: (...args: A) => R): (...args: A) => Promise<Awaited<R>>
  function promising(exported: Function): (...args: unknown[]) => Promise<unknown>
}
