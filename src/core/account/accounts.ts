/**
 * The accounts of a system, by number and by process. The first is the system's own: all others are below it.
 *
 * An account goes when nothing stands for it any more: a file that outlives the program that made it keeps the account
 * that pays for it. So there are never more of them than processes and things that were charged.
 */

import { Errno } from '../../fiber/index.ts'
import { RESOURCES, Resource, StateError, fieldOf, itemsOf, listOf, numberOf, wholeOf } from '../../roles/index.ts'
import type { Accounts as AccountsRole, StateValue } from '../../roles/index.ts'
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

  /** Accounts in an order in which those above come first, and who is in which. */
  save (): StateValue {
    return {
      last: this.#last,
      accounts: [...this.#byId.values()].map(({ id, above, limits, used }) => [id, above?.id ?? 0, [...limits], [...used]]),
      members: [...this.#byProcess].map(([process, { id }]) => [process, id])
    }
  }

  /** Takes up the accounts that `save` told, with nothing used: that `settle` says, when what is charged on the way has been. The system's own limits stay. */
  takeUp (saved: StateValue): void {
    this.#last = wholeOf(fieldOf(saved, 'last'), 'the last account', SYSTEM)
    listOf(fieldOf(saved, 'accounts'), 'accounts', each => {
      const [of, over, limits] = itemsOf(each, 'an account', 4)
      const id = wholeOf(of!, 'an account', SYSTEM, this.#last)
      if (id === SYSTEM) return
      const above = this.#byId.get(wholeOf(over!, 'an account', SYSTEM))
      const bounds = listOf(limits!, 'limits', limit => numberOf(limit, 'a limit'))
      if (above === undefined || this.#byId.has(id) || bounds.length !== RESOURCES || bounds.some(limit => !(limit >= 0))) throw new StateError(`account ${id} is below none, is there twice, or has no limits`)
      above.below++
      this.#byId.set(id, new Account(id, above, bounds))
    })
    listOf(fieldOf(saved, 'members'), 'who is in accounts', each => {
      const [process, id] = itemsOf(each, 'who is in an account', 2)
      const account = this.#byId.get(wholeOf(id!, 'an account'))
      if (account === undefined) throw new StateError('a process is in an account that is not there')
      account.members++
      this.#byProcess.set(wholeOf(process!, 'a process'), account)
    })
  }

  /** What is used of each, as `save` told it. */
  settle (saved: StateValue): void {
    listOf(fieldOf(saved, 'accounts'), 'accounts', each => {
      const [id, , , used] = itemsOf(each, 'an account', 4)
      itemsOf(used!, 'what is used', RESOURCES).forEach((amount, resource) => { this.#byId.get(wholeOf(id!, 'an account'))!.used[resource] = numberOf(amount, 'what is used') })
    })
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
