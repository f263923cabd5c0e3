/** Where a thread waits for another's answer, with who is to give it. */

import { WaitQueue } from '../../fiber/index.ts'
import type { Wait } from '../../fiber/index.ts'
import type { Thread } from './thread.ts'

export class AnswerQueue extends WaitQueue {
  /** Null as long as no thread has taken the question. */
  by: Thread | null = null
}

/** The thread whose answer is among what is waited for, or the one that it waits for in turn; null when nobody's is. */
export function answering (wait: Wait): Thread | null {
  let thread: Thread | null = null
  for (let next: Wait | null = wait; next !== null;) {
    const queues: readonly WaitQueue[] = Array.isArray(next) ? next as readonly WaitQueue[] : [next as WaitQueue]
    const answer = queues.find(queue => queue instanceof AnswerQueue)
    if (answer === undefined || answer.by === null) return thread
    thread = answer.by
    next = thread.waitsOn
  }
  return thread
}

/** Whether a thread waits, and so does whoever is to answer it. */
export function isAsleep (thread: Thread): boolean {
  const other = thread.waitsOn === null ? null : answering(thread.waitsOn)
  return thread.state === 'waiting' && (other === null || other.state === 'waiting')
}
