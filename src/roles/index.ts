export * from './role.ts'
export type { CostRow, CostTable, Lock, Measure, RoleCosts } from './costs.ts'
export { CALL, SUCCESS, Steps, WAIT, assumed, block, byte, component, element, row, times } from './steps.ts'
export type { Step } from './steps.ts'
export { Arena } from './arena.ts'
export type { ArenaOptions } from './arena.ts'
export { Extents } from './extents.ts'
export { LOOP_BYTES, READ, WRITE, Window, copyBytes } from './window.ts'
export type { CopyCounter } from './window.ts'
export { late, many, one, optional, service } from './service.ts'
export type { AnyService, Caller, Environment, Provided, Provisions, Required, Requirement, Requirements, ServiceDefinition } from './service.ts'
export { Accounts, RESOURCES, Resource } from './accounts.ts'
export { Clock, ClockId } from './clock.ts'
export { Console } from './console.ts'
export { DomainEvents, DomainState, Domains, Heart, supervisedFields } from './domains.ts'
export type { SupervisedRecord } from './domains.ts'
export { Entropy } from './entropy.ts'
export {
  APPEND, Access, FileSystem, FileType, NO_WAIT, Ready, SetAttributes, attributesFields, entryOf, inodeOf, typeOf
} from './file-system.ts'
export { DIRECTORY_RECORD_BYTES, FIRST_COOKIE, directoryRecordBytes, putDirectoryRecord, takeDirectoryRecord } from './directory-record.ts'
export type { DirectoryRecord } from './directory-record.ts'
export type { Attributes } from './file-system.ts'
export { STORE_PAGE_BYTES, STORE_RECORDS_MAX, Store } from './store.ts'
export { ReceiveFlags, SendFlags, ShutdownHow, Sockets } from './sockets.ts'
export { DescriptorFlags, DescriptorTables, Files, LookupFlags, OpenFlags, RIGHTS_ALL, Rights, Whence } from './files.ts'
export type { DescriptorRecord, FileAttributes } from './files.ts'
export {
  Ending, INIT, PRIORITY_DEFAULT, Processes, Signal, SignalAction, SpawnGroup, SpawnOptions, ThreadEvents, Threads, WAIT_NO_HANG, signalName, signalNumber,
  usageFields
} from './processes.ts'
export type { EndingRecord, UsageRecord } from './processes.ts'
export {
  FileInformation, INFORMATION_ENTRIES_MAX, ProcessInformation, ProcessState, SystemInformation
} from './information.ts'
export type { OpenFileRecord, ProcessRecord } from './information.ts'
export { SystemCalls, importModules, processCalls, wasiCalls } from './system-calls.ts'
export * from './limits.ts'
