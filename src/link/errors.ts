/** Errors of systems, as they are thrown to host code. */

import { KaleidosError } from '../fiber/index.ts'
import type { Plan } from './plan.ts'

/** A plan that cannot be linked, with all that is wrong with it. */
export class PlanError extends KaleidosError {
  override name = 'PlanError'
  readonly code = 'ERR_PLAN'
  readonly errors: readonly string[]

  constructor (plan: Plan, errors: readonly string[]) {
    super(`the plan '${plan.name}' cannot be linked:\n${errors.map(error => `  - ${error}`).join('\n')}`)
    this.errors = errors
  }
}

/** The system stopped: a fault in its supervisor, under a policy that panics. */
export class SystemPanic extends KaleidosError {
  override name = 'SystemPanic'
  readonly code = 'ERR_PANIC'
}
