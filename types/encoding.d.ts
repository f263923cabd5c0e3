// TextEncoder and TextDecoder for layers that see neither Node nor the DOM: every host has them, the language's lib does not.
//
// UTF-8 only: the kernel has no use for another encoding, so none is declared.
// Source: Encoding Standard, WHATWG, https://encoding.spec.whatwg.org/

interface TextEncoder {
  readonly encoding: 'utf-8'
  encode(input?: string): Uint8Array<ArrayBuffer>
  /** `read` counts UTF-16 units taken, `written` bytes put. */
  encodeInto(source: string, destination: Uint8Array): { read: number, written: number }
}
declare var TextEncoder: { prototype: TextEncoder, new(): TextEncoder }

interface TextDecoder {
  readonly encoding: string
  readonly fatal: boolean
  readonly ignoreBOM: boolean
  decode(input?: ArrayBufferLike | ArrayBufferView, options?: { stream?: boolean }): string
}
declare var TextDecoder: {
  prototype: TextDecoder
  new(label?: 'utf-8', options?: { fatal?: boolean, ignoreBOM?: boolean }): TextDecoder
}
