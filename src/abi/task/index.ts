export type {
  ChildExit, ChildOptions, Children, DirectoryEntry, FileStat, FileTimes, OpenOptions, PollRequest, PollResult, Task, TaskCalls
} from './task-calls.ts'
export { taskImage } from './library.ts'
export { typeName } from './memory.ts'
