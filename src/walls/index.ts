export { programThread } from './places.ts'
export { properties, walls } from './walls.ts'
export type { Property, Wall, WallName } from './walls.ts'
