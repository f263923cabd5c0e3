/**
 * Two sums of bytes, by words of 32 bits: the sum of all, and the sum of these sums, which tells their order. Against
 * accidents, and not against anybody. Source: J. G. Fletcher, An Arithmetic Checksum for Serial Transmissions, 1982.
 *
 * Many bytes are summed by WebAssembly, a piece at a time: a process that has just started sums a megabyte in one
 * millisecond so, where the engine's interpreter takes fifteen.
 */

/** Fewer are sooner summed than a module is made. */
const PLAIN_BYTES_MAX = 16 * 1024
const PIECE_BYTES = 64 * 1024

/** From `at` to the end; in a byte order that is the host's. */
export function wordSums (bytes: Uint8Array, at: number): [number, number] {
  const wordsEnd = bytes.length - (bytes.length - at) % 4
  const sums: [number, number] = [bytes.length, 0]
  if (wordsEnd - at <= PLAIN_BYTES_MAX) plainly(sums, new Int32Array(bytes.buffer, bytes.byteOffset + at, (wordsEnd - at) >> 2))
  else byPieces(sums, bytes.subarray(at, wordsEnd))
  plainly(sums, bytes.subarray(wordsEnd))
  return sums
}

function plainly (sums: [number, number], values: Int32Array | Uint8Array): void {
  let [first, second] = sums
  for (let index = 0; index < values.length; index++) {
    first = (first + values[index]!) | 0
    second = (second + first) | 0
  }
  sums[0] = first
  sums[1] = second
}

interface Summing {
  readonly memory: WebAssembly.Memory
  readonly first: WebAssembly.Global
  readonly second: WebAssembly.Global
  /** Adds the words of so many bytes from the memory's first on. */
  readonly add: (bytes: number) => void
}

/**
 * (module
 *   (memory (export "memory") 1)
 *   (global $first (export "first") (mut i32) (i32.const 0)) (global $second (export "second") (mut i32) (i32.const 0))
 *   (func (export "add") (param $end i32) (local $at i32) (local $x i32) (local $y i32)
 *     (local.set $x (global.get $first)) (local.set $y (global.get $second))
 *     (loop $more
 *       (if (i32.lt_u (local.get $at) (local.get $end)) (then
 *         (local.set $y (i32.add (local.get $y) (local.tee $x (i32.add (local.get $x) (i32.load (local.get $at))))))
 *         (local.set $at (i32.add (local.get $at) (i32.const 4)))
 *         (br $more))))
 *     (global.set $first (local.get $x)) (global.set $second (local.get $y))))
 */
const summing = new Uint8Array([
  0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, 0x01, 0x05, 0x01, 0x60, 0x01, 0x7f, 0x00, 0x03, 0x02, 0x01, 0x00, 0x05, 0x03, 0x01, 0x00, 0x01,
  0x06, 0x0b, 0x02, 0x7f, 0x01, 0x41, 0x00, 0x0b, 0x7f, 0x01, 0x41, 0x00, 0x0b, 0x07, 0x21, 0x04, 0x06, 0x6d, 0x65, 0x6d, 0x6f, 0x72, 0x79, 0x02,
  0x00, 0x05, 0x66, 0x69, 0x72, 0x73, 0x74, 0x03, 0x00, 0x06, 0x73, 0x65, 0x63, 0x6f, 0x6e, 0x64, 0x03, 0x01, 0x03, 0x61, 0x64, 0x64, 0x00, 0x00,
  0x0a, 0x39, 0x01, 0x37, 0x01, 0x03, 0x7f, 0x23, 0x00, 0x21, 0x02, 0x23, 0x01, 0x21, 0x03, 0x03, 0x40, 0x20, 0x01, 0x20, 0x00, 0x49, 0x04, 0x40,
  0x20, 0x03, 0x20, 0x02, 0x20, 0x01, 0x28, 0x02, 0x00, 0x6a, 0x22, 0x02, 0x6a, 0x21, 0x03, 0x20, 0x01, 0x41, 0x04, 0x6a, 0x21, 0x01, 0x0c, 0x01,
  0x0b, 0x0b, 0x20, 0x02, 0x24, 0x00, 0x20, 0x03, 0x24, 0x01, 0x0b
])

function byPieces (sums: [number, number], bytes: Uint8Array): void {
  const { memory, first, second, add } = new WebAssembly.Instance(new WebAssembly.Module(summing)).exports as unknown as Summing
  first.value = sums[0]
  second.value = sums[1]
  const piece = new Uint8Array(memory.buffer)
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
    const next = bytes.subarray(at, at + PIECE_BYTES)
    piece.set(next)
    add(next.length)
  }
  sums[0] = first.value as number
  sums[1] = second.value as number
}
