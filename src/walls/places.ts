/**
 * Where the modules are that places of the host begin with.
 *
 * They are named from the folder above, since the command is put together in a folder of its own beside those of the layers.
 */

const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'

/** What runs on a thread of programs (program-thread.ts). */
export const programThread: string = new URL(`../walls/program-thread.${extension}`, import.meta.url).href
