/**
 * Jobs: pipelines that the shell started, by number.
 *
 * Of each process the shell waits from the moment it is started, so that no end is lost and nothing stays a zombie.
 * There is no stopping of a job: the kernel has no signal that does it.
 */

import type { ChildExit, TaskCalls } from '../../os/index.ts'

/** A process that the shell started. */
export interface Child {
  readonly process: number
  readonly ended: Promise<ChildExit>
  /** Once it has ended. */
  end: ChildExit | null
}

export interface Job {
  readonly number: number
  /** Its process group; the shell's own where jobs have none. */
  readonly group: number
  readonly children: readonly Child[]
  readonly text: string
  /** Whether a person was told that it is done. */
  told: boolean
  /** Whether it is one of the shell that this subshell came from, and not to be waited for. */
  readonly inherited: boolean
}

export class Jobs {
  readonly #jobs = new Map<number, Job>()
  /** Ends of background processes that `wait` may still ask for. */
  readonly #ended = new Map<number, number>()

  add (children: readonly Child[], group: number, text: string): Job {
    const number = Math.max(0, ...this.#jobs.keys()) + 1
    const job: Job = { number, group, children, text, told: false, inherited: false }
    this.#jobs.set(number, job)
    return job
  }

  /** The same jobs, for a subshell: what it removes stays here. */
  clone (): Jobs {
    const copy = new Jobs()
    for (const [number, job] of this.#jobs) copy.#jobs.set(number, { ...job, inherited: true })
    return copy
  }

  remove (job: Job): void {
    this.#jobs.delete(job.number)
    for (const child of job.children) if (child.end !== null) this.#remember(child.process, child.end.status)
  }

  all (): Job[] {
    return [...this.#jobs.values()].toSorted((a, b) => a.number - b.number)
  }

  /** Those that this shell started. */
  own (): Job[] {
    return this.all().filter(job => !job.inherited)
  }

  /** The job that `%1`, `%%`, `%-`, `%name` or a process number means. */
  find (word: string): Job | undefined {
    const jobs = this.all()
    if (/^%?%?$|^%\+$/.test(word)) return jobs.at(-1)
    if (word === '%-') return jobs.at(-2) ?? jobs.at(-1)
    if (/^%\d+$/.test(word)) return this.#jobs.get(Number(word.slice(1)))
    if (word.startsWith('%?')) return jobs.find(job => job.text.includes(word.slice(2)))
    if (word.startsWith('%')) return jobs.find(job => job.text.startsWith(word.slice(1)))
    return jobs.find(job => job.children.some(child => child.process === Number(word)))
  }

  /** The status of a background process that has ended and whose job is gone. */
  takeEnded (process: number): number | undefined {
    const status = this.#ended.get(process)
    this.#ended.delete(process)
    return status
  }

  /** Jobs that are done and were not told of yet. */
  finished (): Job[] {
    return this.own().filter(job => !job.told && isDone(job))
  }

  #remember (process: number, status: number): void {
    if (this.#ended.size >= ENDS_REMEMBERED_MAX) this.#ended.delete(this.#ended.keys().next().value!)
    this.#ended.set(process, status)
  }
}

const ENDS_REMEMBERED_MAX = 1024

export function isDone (job: Job): boolean {
  return job.children.every(child => child.end !== null)
}

/** What a job gives as its status: that of its last process. */
export function statusOf (job: Job): number {
  return job.children.at(-1)?.end?.status ?? 0
}

/** A process that was just started, waited for from now on. */
export function childOf (system: TaskCalls, process: number): Child {
  const child: Child = {
    process,
    end: null,
    ended: system.wait(process).then(ended => {
      child.end = ended
      return ended
    })
  }
  // Whoever needs it waits for it; where the shell itself ends, nobody does.
  child.ended.catch(() => {})
  return child
}

const SIGNAL_WORDS: Readonly<Record<string, string>> = {
  SIGHUP: 'Hangup', SIGINT: 'Interrupt', SIGQUIT: 'Quit', SIGILL: 'Illegal instruction', SIGABRT: 'Aborted', SIGFPE: 'Floating point exception',
  SIGKILL: 'Killed', SIGSEGV: 'Segmentation fault', SIGPIPE: 'Broken pipe', SIGALRM: 'Alarm clock', SIGTERM: 'Terminated',
  SIGXCPU: 'CPU time limit exceeded', SIGXFSZ: 'File size limit exceeded'
}

/** `Running`, `Done`, `Exit 3`, `Terminated`. */
export function describeJob (job: Job): string {
  const end = job.children.at(-1)?.end
  if (!isDone(job) || end === null || end === undefined) return 'Running'
  if (end.signal !== null) return describeSignal(end.signal)
  return end.status === 0 ? 'Done' : `Exit ${end.status}`
}

/** `Terminated` for SIGTERM. */
export function describeSignal (signal: string): string {
  return SIGNAL_WORDS[signal] ?? signal
}

/** A line of `jobs`. */
export function jobLine (job: Job, current: Job | undefined, withProcess = false): string {
  const mark = job === current ? '+' : ' '
  const process = withProcess ? `${job.children[0]?.process ?? ''} ` : ''
  return `[${job.number}]${mark}  ${process}${describeJob(job).padEnd(24)}${job.text}${isDone(job) ? '' : ' &'}\n`
}
