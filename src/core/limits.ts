/** Limits of the core, by name. */

/** Wait queues that one step of an operation may wait on at once: a poll of all the subscriptions there may be, some gates deep (a fault of the domain). */
export const WAITS_MAX = 65536
