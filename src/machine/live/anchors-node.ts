/**
 * Anchors: how the machine keeps hold of a file of the host, and names it to a host call.
 *
 * Node has no `openat`. What there is in its place differs between hosts, so it stands behind one interface: on Linux
 * anchors-proc-node.ts, which nothing can lead astray; elsewhere anchors-path-node.ts, which checks paths.
 * Operations throw what the host throws; whoever calls turns it into an error number.
 */

import type { BigIntStats } from 'node:fs'

export interface Anchor {
  /** The host's descriptor, or -1 where an anchor is a checked path. */
  readonly fd: number
  /** The path at which it was found; only path anchors use it. */
  readonly path: string
  readonly device: bigint
  readonly inode: bigint
}

export interface Anchors {
  readonly name: string
  /** An anchor on a folder that a person named: links in its path are followed. */
  root (hostPath: string): { anchor: Anchor, attributes: BigIntStats }
  /** An anchor on an entry, whatever it is, never followed. It moves no bytes and wakes no device. */
  find (directory: Anchor, name: string): { anchor: Anchor, attributes: BigIntStats }
  /** Opens what an anchor stands for, a regular file or a directory, with the host's flags. */
  open (anchor: Anchor, flags: number): Anchor
  /** Makes a regular file that is not there, and opens it. */
  create (directory: Anchor, name: string, flags: number): Anchor
  attributes (anchor: Anchor): BigIntStats
  /** Attributes of an entry; undefined when there is none. */
  attributesAt (directory: Anchor, name: string): BigIntStats | undefined
  /** A path for host calls that stands for the anchored file itself. */
  path (anchor: Anchor): string
  /** A path for host calls on an entry that do not follow a link in its last part. */
  entryPath (directory: Anchor, name: string): string
  setTimes (anchor: Anchor, access: HostTime, modify: HostTime): void
  /** The anchor after the file at one path was moved to another: the same where anchors are no paths. */
  moved (anchor: Anchor, from: string, to: string): Anchor
  close (anchor: Anchor): void
}

/** A time as Node's `utimes` takes it. */
export type HostTime = number | string | Date
