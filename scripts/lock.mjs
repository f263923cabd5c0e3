// A lock between processes: a file that names its holder, made by the one call that fails when it exists.
//
// A lock whose holder is gone (killed, power lost) is taken over. The pid of a lost holder can be in use again by another
// process: a lock older than `ageMsMax` counts as lost whoever has its pid.

import { linkSync, readFileSync, renameSync, rmSync, statSync, unlinkSync, writeFileSync } from 'node:fs'
import { constants } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'

const pollMs = 200
const ageMsMax = 30 * 60_000
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']

/** Waits until the lock is ours; calls `onWait` once if that takes a while. Returns what releases it. */
export async function acquire(path, onWait) {
  // The file appears with its content in one step (a hard link), so that nobody reads a lock without a holder.
  const own = `${path}.${process.pid}`
  writeFileSync(own, `${process.pid}\n`)
  try {
    for (let turn = 0; !take(own, path); turn++) {
      const holder = holderOf(path)
      if (holder === undefined) continue
      if (lost(path, holder)) discard(path, holder)
      else {
        if (turn === 0) onWait()
        await sleep(pollMs)
      }
    }
  } finally {
    unlinkSync(own)
  }
  const release = () => rmSync(path, { force: true })
  const interrupted = signal => {
    release()
    process.exit(128 + constants.signals[signal])
  }
  for (const signal of signals) process.once(signal, interrupted)
  return () => {
    for (const signal of signals) process.off(signal, interrupted)
    release()
  }
}

function take(own, path) {
  try {
    linkSync(own, path)
    return true
  } catch (error) {
    if (error.code === 'EEXIST') return false
    throw error
  }
}

function holderOf(path) {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (error.code === 'ENOENT') return undefined
    throw error
  }
}

function lost(path, holder) {
  return !alive(Number(holder)) || Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0) > ageMsMax
}

/** Removes the lock of a lost holder, and no other: between the look and the removal it can have changed hands. */
function discard(path, holder) {
  const aside = `${path}.${process.pid}.lost`
  try {
    renameSync(path, aside)
  } catch (error) {
    if (error.code === 'ENOENT') return
    throw error
  }
  if (readFileSync(aside, 'utf8') !== holder) take(aside, path)
  unlinkSync(aside)
}

function alive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}
