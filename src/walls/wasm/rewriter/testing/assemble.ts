// Assembles the text of a module with the assembler that knows it. Tests pass in the assemblers, which are packages.

export interface Assemblers {
  wabt: {
    parseWat(name: string, text: string, features: Record<string, boolean>): {
      toBinary(options: { write_debug_names: boolean }): { buffer: Uint8Array }
      destroy(): void
    }
  }
  binaryen: {
    Features: { All: number }
    parseText(text: string): { setFeatures(features: number): void, emitBinary(): Uint8Array, dispose(): void }
  }
}

export type Assemble = (tool: keyof Assemblers, text: string) => Uint8Array<ArrayBuffer>

const wabtFeatures = {
  exceptions: true, mutable_globals: true, sat_float_to_int: true, sign_extension: true, simd: true, threads: true,
  function_references: true, multi_value: true, tail_call: true, bulk_memory: true, reference_types: true,
  code_metadata: true, annotations: true, extended_const: true, relaxed_simd: true, memory64: true, multi_memory: true,
}

export function assembler({ wabt, binaryen }: Assemblers): Assemble {
  return (tool, text) => {
    if (tool === 'wabt') {
      const module = wabt.parseWat('test.wat', text, wabtFeatures)
      const { buffer } = module.toBinary({ write_debug_names: true })
      module.destroy()
      return new Uint8Array(buffer)
    }
    const module = binaryen.parseText(text)
    module.setFeatures(binaryen.Features.All)
    const bytes = new Uint8Array(module.emitBinary())
    module.dispose()
    return bytes
  }
}
