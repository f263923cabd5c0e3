/**
 * Bytes of small WebAssembly functions, written down instruction by instruction: what is measured must be exactly these.
 *
 * Not an assembler: the few instructions and sections that the loops of calibration need.
 * Source: WebAssembly Core Specification 3.0, chapter 5; threads, its shared memories and atomic instructions.
 */

export type Code = readonly number[]

export const i32 = 0x7f
export const f64 = 0x7c

export interface WasmFunction {
  readonly name: string
  readonly params: readonly number[]
  readonly result: number
  /** Types of locals beyond the parameters. */
  readonly locals: readonly number[]
  readonly body: Code
}

/** A module of these functions over the imported memory `env.memory`, which is shared; table 0 holds `inTable`, functions `(i32, i32) -> i32`. */
export function wasmModule (functions: readonly WasmFunction[], inTable: readonly string[], pagesMost: number): Uint8Array<ArrayBuffer> {
  const types = functions.map(({ params, result }) => [0x60, ...vector(params.map(type => [type])), 1, result])
  const memory = [...text('env'), ...text('memory'), 2, 3, ...unsigned(0), ...unsigned(pagesMost)]
  const numbers = inTable.map(name => functions.findIndex(other => other.name === name))
  return new Uint8Array([
    0, 0x61, 0x73, 0x6d, 1, 0, 0, 0,
    ...section(1, vector(types)),
    ...section(2, vector([memory])),
    ...section(3, vector(functions.map((_, at) => unsigned(at)))),
    ...section(4, vector([[0x70, 0, ...unsigned(inTable.length)]])),
    ...section(7, vector(functions.map(({ name }, at) => [...text(name), 0, ...unsigned(at)]))),
    ...section(9, vector([[0, ...constant(0), 0x0b, ...vector(numbers.map(unsigned))]])),
    ...section(10, vector(functions.map(code)))
  ])
}

function code ({ locals, body }: WasmFunction): Code {
  const bytes = [...vector(locals.map(type => [1, type])), ...body, 0x0b]
  return [...unsigned(bytes.length), ...bytes]
}

export const get = (local: number): Code => [0x20, ...unsigned(local)]
export const set = (local: number): Code => [0x21, ...unsigned(local)]
export const constant = (value: number): Code => [0x41, ...signed(value)]
export const add: Code = [0x6a]
export const xor: Code = [0x73]
export const and: Code = [0x71]
export const shiftLeft: Code = [0x74]
export const addFloat: Code = [0xa0]
export const multiplyFloat: Code = [0xa2]
export const truncateFloat: Code = [0xaa]
export const constantFloat = (value: number): Code => [0x44, ...new Uint8Array(new Float64Array([value]).buffer)]
export const load = (offset: number): Code => [0x28, 2, ...unsigned(offset)]
export const loadByte = (offset: number): Code => [0x2d, 0, ...unsigned(offset)]
export const store = (offset: number): Code => [0x36, 2, ...unsigned(offset)]
export const copyMemory: Code = [0xfc, 10, 0, 0]
export const callIndirect = (type: number): Code => [0x11, ...unsigned(type), 0]
export const loadAtomic: Code = [0xfe, 0x10, 2, 0]
export const storeAtomic: Code = [0xfe, 0x17, 2, 0]
export const addAtomic: Code = [0xfe, 0x1e, 2, 0]
/** `then` is done if the value on the stack is not 0, else `otherwise`. */
export const when = (then: Code, otherwise: Code): Code => [0x04, 0x40, ...then, 0x05, ...otherwise, 0x0b]
export const equal: Code = [0x46]
export const zero: Code = [0x45]
export const returns: Code = [0x0f]

/** Goes round as often as the local says, at least once, counting it down to 0. */
export const loop = (counter: number, body: Code): Code =>
  [0x03, 0x40, ...body, ...get(counter), ...constant(-1), ...add, 0x22, ...unsigned(counter), 0x0d, 0, 0x0b]

/** Goes round until the value that `body` leaves is not 0. */
export const loopUntil = (body: Code): Code => [0x03, 0x40, ...body, ...zero, 0x0d, 0, 0x0b]

export const times = (count: number, part: (at: number) => Code): Code => Array.from({ length: count }, (_, at) => part(at)).flat()

function vector (items: readonly Code[]): Code {
  return [...unsigned(items.length), ...items.flat()]
}

function section (id: number, content: Code): Code {
  return [id, ...unsigned(content.length), ...content]
}

function text (of: string): Code {
  return vector([...new TextEncoder().encode(of)].map(byte => [byte]))
}

/** LEB128. */
function unsigned (value: number): Code {
  return value < 128 ? [value] : [value % 128 + 128, ...unsigned(Math.floor(value / 128))]
}

function signed (value: number): Code {
  const low = value & 0x7f
  const rest = value >> 7
  return (rest === 0 && (low & 0x40) === 0) || (rest === -1 && (low & 0x40) !== 0) ? [low] : [low | 0x80, ...signed(rest)]
}
