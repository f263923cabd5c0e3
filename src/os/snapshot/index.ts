export { readSaved, savedOf } from './saved.ts'
export type { HeldByHost, Origin } from './saved.ts'
export { SNAPSHOT_FORMAT, Snapshot, SnapshotError, asSnapshotError } from './snapshot.ts'
