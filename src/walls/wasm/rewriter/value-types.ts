// Value types, reference types and the type section.
//
// Of a function type the rewriter keeps its *erased signature*: parameters and results with every reference type
// written as one letter. A function can be called through another function type only if it is a subtype of it, and
// a subtype has the same erased signature; so two functions of different signatures can never stand for each other.
// That is all that the call graph needs, and spares it the rules of subtyping and of recursive types.
// Source: WebAssembly Core Specification 3.0, 5.3 Types.

import type { ByteReader } from './byte-reader.ts'
import { ByteWriter } from './byte-writer.ts'
import { malformed } from './fault.ts'

export const i32 = 0x7f
export const i64 = 0x7e
export const v128 = 0x7b
const f64 = 0x7c
const i8 = 0x78
const i16 = 0x77
const firstAbstractHeapType = 0x69
const lastAbstractHeapType = 0x74
const nullableReference = 0x63
const nonNullableReference = 0x64

const functionForm = 0x60
const structForm = 0x5f
const arrayForm = 0x5e
const subFinalForm = 0x4f
const subForm = 0x50
const recursiveForm = 0x4e

/** A defined type, as far as the rewriter needs it. */
export type DefinedType =
  | { form: 'function', parameters: number, signature: string }
  | { form: 'struct' }
  | { form: 'array', element: Uint8Array, elementBytes: number }

/** A type that no function has: the signature of a structure or an array. */
const noFunction: DefinedType = { form: 'struct' }

export function skipHeapType(reader: ByteReader): void {
  reader.skipNumber(5)
}

/** Passes over a value type; answers the letter that it has in an erased signature. */
export function skipValueType(reader: ByteReader): string {
  const byte = reader.u8()
  if (byte >= v128 && byte <= i32) return String.fromCharCode(byte)
  if (byte === nullableReference || byte === nonNullableReference) skipHeapType(reader)
  else if (byte < firstAbstractHeapType || byte > lastAbstractHeapType) {
    throw malformed(`unknown value type 0x${byte.toString(16)}`, reader.pos - 1)
  }
  return 'r'
}

/** The bytes of a value type. */
export function readValueType(reader: ByteReader): Uint8Array {
  const start = reader.pos
  skipValueType(reader)
  return reader.bytes.slice(start, reader.pos)
}

/** Reads the body of a type section; a recursive group defines as many types as it has members. */
export function readTypes(reader: ByteReader): DefinedType[] {
  const types: DefinedType[] = []
  for (let groups = reader.count(); groups > 0; groups--) {
    if (peek(reader) !== recursiveForm) {
      types.push(readSubType(reader))
      continue
    }
    reader.skip(1)
    for (let members = reader.count(); members > 0; members--) types.push(readSubType(reader))
  }
  return types
}

function readSubType(reader: ByteReader): DefinedType {
  const form = reader.u8()
  if (form !== subForm && form !== subFinalForm) return readCompositeType(reader, form)
  for (let supertypes = reader.count(); supertypes > 0; supertypes--) reader.u32()
  return readCompositeType(reader, reader.u8())
}

function readCompositeType(reader: ByteReader, form: number): DefinedType {
  if (form === functionForm) {
    let signature = ''
    const parameters = reader.count()
    for (let left = parameters; left > 0; left--) signature += skipValueType(reader)
    signature += ':'
    for (let left = reader.count(); left > 0; left--) signature += skipValueType(reader)
    return { form: 'function', parameters, signature }
  }
  if (form === structForm) {
    for (let left = reader.count(); left > 0; left--) readField(reader)
    return noFunction
  }
  if (form === arrayForm) return { form: 'array', ...readField(reader) }
  throw malformed(`unknown type form 0x${form.toString(16)}`, reader.pos - 1)
}

/** A field's storage type, unpacked (an i8 or an i16 is an i32 on the stack), and its size in a data segment. */
function readField(reader: ByteReader): { element: Uint8Array, elementBytes: number } {
  const storage = peek(reader)
  let element: Uint8Array
  if (storage === i8 || storage === i16) {
    reader.skip(1)
    element = Uint8Array.of(i32)
  } else {
    element = readValueType(reader)
  }
  reader.skip(1) // whether it is mutable
  return { element, elementBytes: storageBytes(storage) }
}

function storageBytes(storage: number | undefined): number {
  if (storage === i8) return 1
  if (storage === i16) return 2
  if (storage === v128) return 16
  return storage === i64 || storage === f64 ? 8 : 4
}

function peek(reader: ByteReader): number | undefined {
  return reader.pos < reader.end ? reader.bytes[reader.pos] : undefined
}

/** The bytes of a nullable reference to a defined type. */
export function nullableReferenceTo(typeIndex: number): Uint8Array {
  const bytes = new ByteWriter(8)
  bytes.u8(nullableReference)
  bytes.signed(typeIndex)
  return bytes.take()
}
