/**
 * `ring`: descriptors in shared memory between two threads of the host, as between a driver and its device (virtio) or two
 * processes (io_uring). What the core checks, grants and counts is the core's (`core/remote`).
 */

export { FarRing, KernelRing, channelMemory } from './channel.ts'
export type { Channel, FarChannel } from './channel.ts'
export { FrameReader, FrameWriter, Malformed } from './frame.ts'
export { FRAMES_AT_ONCE, FRAME_WORDS_MAX } from './limits.ts'
export { Area, PAGES_BYTES_MAX, Say } from './protocol.ts'
export type { PlacedConnection, PlacedDomain, PlacedEntry, PlacedService } from './protocol.ts'
