/**
 * What frames say. The first word is a Say; what follows it stands beside each.
 *
 * A call is the kernel's, made to a service of the domain; a request is the domain's, made on behalf of a call that it
 * serves, or of none (0). Each is named by whoever makes it, and answered once. A window in a call is the number of a
 * grant, its address among the grant pages and its length; in a request it is the grant that it is part of, or 0 for
 * bytes of the domain's own arena, how many pieces it has, and address (of a grant: offset) and length of each.
 */
export const Say = {
  /** To the domain: call, service, operation, principal, immediate, arguments. */
  CALL: 1,
  /** To the domain: request, result. */
  REPLY: 2,
  /** From the domain: call, bytes copied there, what was written (as WRITTEN), result. */
  DONE: 3,
  /** From the domain: request, call, neighbour, operation, arguments. */
  REQUEST: 4,
  /** Either way: a call or request whose answer nobody waits for. The domain ends the call, and says DONE. */
  CANCEL: 5,
  /** From the domain: how many ranges, and grant, offset and length of each: they are to go where the grant came from. */
  WRITTEN: 6,
  /** From the domain: an exception left a service. Its message. */
  FAULT: 7,
  /** From the domain: it has started its services. */
  READY: 8,
  /** Where memory is not shared: an area (Area), an address and bytes that are to stand there. */
  PAGES: 9
} as const

/** Which memory PAGES speak of: the domain's arena, or the grant pages. */
export const Area = { ARENA: 0, GRANTS: 1 } as const

/** Bytes of one frame of PAGES. */
export const PAGES_BYTES_MAX = 2 ** 20

/** A service that a domain elsewhere holds, and whom it is joined to. */
export interface PlacedService {
  readonly instance: string
  readonly service: string
  readonly options: Readonly<Record<string, unknown>>
  readonly requires: Readonly<Record<string, readonly PlacedConnection[]>>
}

/** A service of the same domain, or the number under which the domain may ask the core for a neighbour. */
export interface PlacedConnection {
  readonly route: string | null
  readonly sibling: string | null
  readonly neighbour: number
}

/** A way into the domain: a role that one of its services provides, or (null) its heart. Calls name it by its index. */
export interface PlacedEntry {
  readonly instance: string | null
  readonly role: string
}

/** What the runtime of a domain elsewhere is told. The memories and the channel are null where nothing is shared. */
export interface PlacedDomain {
  readonly name: string
  readonly arenaBytesMax: number
  readonly services: readonly PlacedService[]
  readonly entries: readonly PlacedEntry[]
  readonly channel: SharedArrayBuffer | null
  readonly bell: SharedArrayBuffer | null
  readonly arena: SharedArrayBuffer | null
  readonly grants: SharedArrayBuffer | null
}
