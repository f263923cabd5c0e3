/**
 * One account: limits, what was used, and the account above it.
 *
 * Invariants: what an account has used is what those in it and below it hold (of processor time: have ever used); none
 * of them has used more than its limit, but for processor time, which is looked at only when a program can be stopped.
 */

import { assert } from '../../fiber/index.ts'
import { RESOURCES, Resource } from '../../roles/index.ts'

export class Account {
  readonly id: number
  readonly above: Account | null
  /** By Resource. */
  readonly limits: readonly number[]
  readonly used: number[] = new Array<number>(RESOURCES).fill(0)
  /** Accounts right below it. */
  below = 0
  /** Processes that charge it. */
  members = 0

  constructor (id: number, above: Account | null, limits: readonly number[]) {
    this.id = id
    this.above = above
    this.limits = limits
  }

  /** Takes so much from it and all above; false, and nothing is taken, when one of them has less left. */
  charge (resource: number, amount: number): boolean {
    for (let account: Account | null = this; account !== null; account = account.above) {
      if (account.used[resource]! + amount > account.limits[resource]!) return false
    }
    for (let account: Account | null = this; account !== null; account = account.above) account.used[resource]! += amount
    return true
  }

  credit (resource: number, amount: number): void {
    for (let account: Account | null = this; account !== null; account = account.above) {
      account.used[resource]! -= amount
      assert(account.used[resource]! >= 0, `account ${account.id} got back more than was taken of resource ${resource}`)
    }
  }

  /** Whether a limit of its own or above bounds a resource. */
  bounds (resource: number): boolean {
    return this.limit(resource) !== Infinity
  }

  /** The least limit of a resource, of its own or above; Infinity for none. */
  limit (resource: number): number {
    let least = Infinity
    for (let account: Account | null = this; account !== null; account = account.above) least = Math.min(least, account.limits[resource]!)
    return least
  }

  /** Processor time that was used, limit or not. */
  ran (ns: number): void {
    for (let account: Account | null = this; account !== null; account = account.above) account.used[Resource.CPU]! += ns
  }

  /** Whether, with so much more, the processor time of it or of one above is used up; the one, or null. */
  exhausted (moreNs: number): Account | null {
    for (let account: Account | null = this; account !== null; account = account.above) {
      if (account.used[Resource.CPU]! + moreNs >= account.limits[Resource.CPU]!) return account
    }
    return null
  }

  /** Whether this is another account or below it. */
  within (other: Account): boolean {
    for (let account: Account | null = this; account !== null; account = account.above) if (account === other) return true
    return false
  }

  /** Whether anything still stands for it: a process, an account below, something that was charged. */
  get isHeld (): boolean {
    return this.members > 0 || this.below > 0 || this.used.some((amount, resource) => resource !== Resource.CPU && amount > 0)
  }
}
