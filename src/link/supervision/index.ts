export { SupervisedDomain, Supervision, heart, noDomains } from './supervision.ts'
export type { Making } from './supervision.ts'
export { supervisionErrors } from './check.ts'
