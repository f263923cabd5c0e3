/** How far a long command is: one line that moves on a terminal, a line now and then elsewhere. On standard error. */

import { Presets, SingleBar } from 'cli-progress'

export interface Progress {
  /** What is done, and how far it all is (0 to 1). */
  readonly update: (text: string, share: number) => void
  readonly stop: () => void
}

/** Apart, where nothing can be drawn over: enough to see that it lives. */
const lineMs = 5000
const resolution = 1000

export function progress (): Progress {
  return process.stderr.isTTY ? bar() : lines()
}

function bar (): Progress {
  const drawn = new SingleBar({
    format: '{bar} {percentage} %  {text}', stream: process.stderr, barsize: 24, hideCursor: true, clearOnComplete: true,
    fps: 10, linewrap: false
  }, Presets.shades_classic)
  drawn.start(resolution, 0, { text: '' })
  return {
    update: (text, share) => { drawn.update(Math.round(share * resolution), { text }) },
    stop: () => { drawn.stop() }
  }
}

function lines (): Progress {
  let last = -Infinity
  return {
    update: (text, share) => {
      const now = performance.now()
      if (now - last < lineMs) return
      last = now
      process.stderr.write(`${Math.round(share * 100)} %  ${text}\n`)
    },
    stop: () => {}
  }
}
