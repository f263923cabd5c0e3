/**
 * Who pays for what a service keeps on behalf of processes.
 *
 * The account that is charged is the calling process's (its caller register names it); it is kept beside the thing and
 * is credited when the thing goes, whoever lets it go. Account 0 is nobody's: nothing limits the caller, and nothing is
 * counted. Which account a process has never changes, so the last answer is kept.
 */

import { Errno } from '../fiber/index.ts'
import type { Accounts, Caller } from '../roles/index.ts'

export class Payer {
  readonly #accounts: () => Accounts | undefined
  readonly #caller: Caller
  readonly #resource: number
  #process = -1
  #account = 0

  constructor (accounts: () => Accounts | undefined, caller: Caller, resource: number) {
    this.#accounts = accounts
    this.#caller = caller
    this.#resource = resource
  }

  /** Charges the caller: the account that paid, 0 for nobody's, or -EDQUOT. Valid to the first `yield` of an operation. */
  charge (amount: number): number {
    const accounts = this.#accounts()
    if (accounts === undefined) return 0
    const process = this.#caller.principal
    if (process !== this.#process) {
      this.#account = Math.max(0, accounts.of(process, this.#resource))
      this.#process = process
    }
    if (this.#account === 0) return 0
    return accounts.charge(this.#account, this.#resource, amount) < 0 ? -Errno.EDQUOT : this.#account
  }

  credit (account: number, amount: number): void {
    if (account > 0) this.#accounts()?.credit(account, this.#resource, amount)
  }
}

/** For a service that nothing limits. */
export const nobody: Payer = new Payer(() => undefined, { principal: 0, immediate: 0, memory: null }, 0)
