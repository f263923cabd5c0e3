/** Places in a page: workers, where the page may share memory with them (it is cross-origin isolated). There are no processes. */

import type { PlacesHost } from './places.ts'

/** What a host of pages has of workers; their types are not those of every project that reads this. */
interface PageWorker {
  onerror: ((event: { readonly message?: string, preventDefault? (): void }) => void) | null
  postMessage (message: unknown): void
  terminate (): void
}

export const browserPlaces: PlacesHost | null = {
  // A page's own thread may not; a worker has no document.
  mayBlock: !('document' in globalThis),
  start (wish, told) {
    if (wish.kind === 'process') throw new TypeError(`${wish.label}: a page has no processes of a host; let its wall be 'thread'`)
    const { Worker } = globalThis as unknown as { readonly Worker: new (url: URL, options: object) => PageWorker }
    const { url } = import.meta
    const main = new URL(`./place-browser.${url.endsWith('.ts') ? 'ts' : 'js'}`, url)
    const worker = new Worker(main, { type: 'module', name: wish.label })
    let over = false
    const end = (why: string): void => {
      if (over) return
      over = true
      told.ended(why)
    }
    worker.onerror = event => {
      event.preventDefault?.()
      worker.terminate()
      end(event.message ?? 'its worker cannot be started')
    }
    worker.postMessage({ occupant: wish.occupant, data: wish.data })
    return {
      send: () => { throw new TypeError('a thread is sent nothing: memory is shared') },
      tell: message => { worker.postMessage(message) },
      kill: () => {
        worker.terminate()
        end('its thread has ended')
      },
      keep () {}
    }
  }
}
