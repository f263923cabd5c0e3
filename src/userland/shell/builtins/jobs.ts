/** jobs, fg, bg, wait, kill: what the shell started. */

import { describe } from '../../library/errors.ts'
import { signalName, signalNames, signalNumber } from '../../library/signals.ts'
import type { Interpreter, Place } from '../interpreter.ts'
import { isDone, jobLine, statusOf } from '../jobs.ts'
import type { Job } from '../jobs.ts'
import { print, wrong } from './builtin.ts'

export async function kill (shell: Interpreter, args: readonly string[], place: Place): Promise<number> {
  let signal = 15
  let at = 0
  const [first = ''] = args
  if (first === '-l' || first === '-L') {
    const names = args.length > 1
      ? args.slice(1).map(word => /^\d+$/.test(word) ? signalName(Number(word) > 128 ? Number(word) - 128 : Number(word)) ?? word : String(signalNumber(word)))
      : signalNames()
    await print(shell, place, args.length > 1 ? `${names.join('\n')}\n` : `${names.join(' ')}\n`)
    return 0
  }
  if (first === '-s' || first === '-n' || /^-[A-Z0-9]/i.test(first)) {
    const word = first === '-s' || first === '-n' ? args[1] ?? '' : first.slice(1)
    const number = signalNumber(word)
    if (number === undefined) return await wrong(shell, place, `kill: ${word}: invalid signal specification`)
    signal = number
    at = first === '-s' || first === '-n' ? 2 : 1
  }
  if (args[at] === '--') at++
  if (at >= args.length) return await wrong(shell, place, 'kill: usage: kill [-s sigspec | -signum] pid | jobspec ...', 2)
  let status = 0
  for (const word of args.slice(at)) {
    const targets = await killTargets(shell, word)
    if (targets === null) {
      status = await wrong(shell, place, word.startsWith('%') ? `kill: ${word}: no such job` : `kill: ${word}: arguments must be process or job IDs`)
      continue
    }
    for (const target of targets) {
      try {
        await (target < 0 ? shell.system.killGroup(-target, signal) : shell.system.kill(target, signal))
      } catch (error) {
        status = await wrong(shell, place, `kill: (${word}) - ${describe(error)}`)
      }
    }
  }
  return status
}

async function killTargets (shell: Interpreter, word: string): Promise<number[] | null> {
  if (/^-?\d+$/.test(word)) return [Number(word)]
  if (!word.startsWith('%')) return null
  const job = shell.jobs.find(word)
  if (job === undefined) return null
  if (job.group !== 0) return [-job.group]
  return job.children.filter(child => child.end === null && child.process > 0).map(child => child.process)
}

export async function wait (shell: Interpreter, args: readonly string[], place: Place): Promise<number> {
  const interrupted = shell.host.session?.interruption()
  const until = async <T> (promise: Promise<T>): Promise<T | null> =>
    interrupted === undefined ? await promise : await Promise.race([promise, interrupted.then(() => null)])
  const done = async (job: Job): Promise<number | null> => {
    if (await until(Promise.all(job.children.map(child => child.ended))) === null) return null
    shell.jobs.remove(job)
    return statusOf(job)
  }
  const words = args.filter(word => word !== '-n')
  if (args.includes('-n')) {
    const jobs = shell.jobs.own()
    if (jobs.length === 0) return 127
    const first = await until(Promise.race(jobs.map(async job => {
      await Promise.all(job.children.map(child => child.ended))
      return job
    })))
    return first === null ? 130 : await done(first) ?? 130
  }
  if (words.length === 0) {
    for (const job of shell.jobs.own()) if (await done(job) === null) return 130
    return 0
  }
  let status = 0
  for (const word of words) {
    const job = shell.jobs.find(word)
    const child = job?.children.find(one => one.process === Number(word))
    if (job === undefined || job.inherited) {
      const ended = /^\d+$/.test(word) ? shell.jobs.takeEnded(Number(word)) : undefined
      status = ended ?? await wrong(shell, place, /^\d+$/.test(word) ? `wait: pid ${word} is not a child of this shell` : `wait: ${word}: no such job`, 127)
      continue
    }
    const ended = await done(job)
    if (ended === null) return 130
    status = child?.end?.status ?? ended
  }
  return status
}

export async function jobs (shell: Interpreter, args: readonly string[], place: Place): Promise<number> {
  const all = shell.jobs.all()
  const current = all.at(-1)
  for (const job of all) {
    if (args.includes('-p')) await print(shell, place, `${job.children[0]!.process}\n`)
    else if (!args.includes('-r') || !isDone(job)) await print(shell, place, jobLine(job, current, args.includes('-l')))
    job.told = isDone(job)
    if (job.told) shell.jobs.remove(job)
  }
  return 0
}

export async function foreground (shell: Interpreter, args: readonly string[], place: Place): Promise<number> {
  if (!shell.state.options.monitor) return await wrong(shell, place, 'fg: no job control')
  const job = shell.jobs.find(args[0] ?? '%%')
  if (job === undefined) return await wrong(shell, place, `fg: ${args[0] ?? 'current'}: no such job`)
  await print(shell, place, `${job.text}\n`)
  const status = await shell.foregroundJob(job.children, job.group, job.text)
  shell.jobs.remove(job)
  return status
}

export async function background (shell: Interpreter, args: readonly string[], place: Place): Promise<number> {
  const job = shell.jobs.find(args[0] ?? '%%')
  if (job === undefined) return await wrong(shell, place, `bg: ${args[0] ?? 'current'}: no such job`)
  // A job is never stopped, so it is in the background already.
  return await wrong(shell, place, `bg: job ${job.number} already in background`)
}
