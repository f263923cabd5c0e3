export { Account } from './account.ts'
export { Accounts } from './accounts.ts'
