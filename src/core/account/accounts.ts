/**
 * The accounts of a system, by number and by process. The first is the system's own: all others are below it.
 *
 * An account goes when nothing stands for it any more: a file that outlives the program that made it keeps the account
 * that pays for it. So there are never more of them than processes and things that were charged.
 */

import { Errno } from '../../fiber/index.ts'
import { RESOURCES, Resource } from '../../roles/index.ts'
import type { Accounts as AccountsRole } from '../../roles/index.ts'
import { Account } from './account.ts'

/** The number of the system's own account. */
const SYSTEM = 1

export class Accounts implements AccountsRole {
  readonly system: Account
  readonly #byId = new Map<number, Account>()
  readonly #byProcess = new Map<number, Account>()
  #last = SYSTEM

  /** `limits` of all programs together, by Resource; Infinity for none. */
  constructor (limits: readonly number[]) {
    this.system = new Account(SYSTEM, null, limits)
    this.#byId.set(SYSTEM, this.system)
  }

  /** How many there are, the system's too. */
  get size (): number {
    return this.#byId.size
  }

  /** The account of a process; the system's for one that is in none: the host. */
  accountOf (process: number): Account {
    return this.#byProcess.get(process) ?? this.system
  }

  enter (process: number, parent: number, limits: readonly number[]): number {
    if (this.#byProcess.has(process) || (limits.length !== 0 && limits.length !== RESOURCES) || limits.some(limit => !(limit >= 0))) return -Errno.EINVAL
    const above = this.accountOf(parent)
    const account = limits.length === 0 ? above : new Account(this.#last + 1, above, [...limits])
    if (!account.charge(Resource.PROCESSES, 1)) return -Errno.EAGAIN
    if (account !== above) {
      this.#last++
      above.below++
      this.#byId.set(account.id, account)
    }
    account.members++
    this.#byProcess.set(process, account)
    return 0
  }

  leave (process: number): number {
    const account = this.#byProcess.get(process)
    if (account === undefined) return -Errno.ESRCH
    this.#byProcess.delete(process)
    account.members--
    account.credit(Resource.PROCESSES, 1)
    this.#forget(account)
    return 0
  }

  of (process: number, resource: number): number {
    const account = this.accountOf(process)
    return account.bounds(resource) ? account.id : 0
  }

  charge (id: number, resource: number, amount: number): number {
    const account = this.#byId.get(id)
    if (account === undefined || !(amount >= 0) || !isResource(resource)) return -Errno.EINVAL
    return account.charge(resource, amount) ? 0 : -Errno.EDQUOT
  }

  credit (id: number, resource: number, amount: number): number {
    const account = this.#byId.get(id)
    if (account === undefined || !(amount >= 0) || !isResource(resource)) return -Errno.EINVAL
    account.credit(resource, amount)
    this.#forget(account)
    return 0
  }

  #forget (account: Account): void {
    for (let gone = account; gone.above !== null && !gone.isHeld; gone = gone.above) {
      this.#byId.delete(gone.id)
      gone.above.below--
    }
  }
}

function isResource (resource: number): boolean {
  return Number.isInteger(resource) && resource >= 0 && resource < RESOURCES
}
