export { TaskEnded, TaskImage } from './task-image.ts'
export type { SystemCallDoor, TaskMain } from './task-image.ts'
