/** One input of the console, on any host. Input is pulled: nothing is taken from the host before somebody reads. */

export interface Input {
  /** Bytes read, 0 at the end, `-EAGAIN` when there is none yet, or what the host says. */
  read (bytes: Uint8Array, at: number, length: number): number
  /** Bytes that `read` would give now; -1 at the end. */
  readable (): number
  /** True: `arrived` is called once, when there is input or its end. False: it is not. */
  await (wanted: boolean): void
  hungUp (): boolean
  readonly terminal: boolean
  close (): void
}

export const noInput: Input = { read: () => 0, readable: () => -1, await () {}, hungUp: () => false, terminal: false, close () {} }
