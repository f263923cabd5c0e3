// The WebAssembly namespace of the JavaScript interface, for layers that see no DOM.
//
// TypeScript declares it in lib.dom only, and the kernel layers may not see the DOM. Same names and shapes as there, with
// `unknown` for `any`. A layer that does use lib.dom leaves this file out and takes jspi.d.ts alone.
// Source: WebAssembly JavaScript Interface, W3C, https://webassembly.github.io/spec/js-api/

type BufferSource = ArrayBuffer | ArrayBufferView<ArrayBuffer>

declare namespace WebAssembly {
  interface CompileError extends Error {}
  var CompileError: { prototype: CompileError, new(message?: string): CompileError }
  interface LinkError extends Error {}
  var LinkError: { prototype: LinkError, new(message?: string): LinkError }
  interface RuntimeError extends Error {}
  var RuntimeError: { prototype: RuntimeError, new(message?: string): RuntimeError }

  interface Tag { readonly [Symbol.toStringTag]: 'WebAssembly.Tag' }
  var Tag: { prototype: Tag, new(type: { parameters: ValueType[] }): Tag }
  /** The tag of a JavaScript exception that passes through WebAssembly. */
  var JSTag: Tag
  interface Exception {
    readonly stack: string | undefined
    getArg(exceptionTag: Tag, index: number): unknown
    is(exceptionTag: Tag): boolean
  }
  var Exception: {
    prototype: Exception
    new(exceptionTag: Tag, payload: unknown[], options?: { traceStack?: boolean }): Exception
  }

  interface Global<T extends ValueType = ValueType> {
    value: ValueTypeMap[T]
    valueOf(): ValueTypeMap[T]
  }
  var Global: {
    prototype: Global
    new<T extends ValueType = ValueType>(descriptor: GlobalDescriptor<T>, v?: ValueTypeMap[T]): Global<T>
  }

  interface Memory {
    /** A SharedArrayBuffer when the memory is shared; typed as lib.dom does. */
    readonly buffer: ArrayBuffer
    grow(delta: AddressValue): number
    toFixedLengthBuffer(): ArrayBuffer
    toResizableBuffer(): ArrayBuffer
  }
  var Memory: { prototype: Memory, new(descriptor: MemoryDescriptor): Memory }

  interface Table {
    readonly length: number
    get(index: AddressValue): unknown
    grow(delta: AddressValue, value?: unknown): number
    set(index: AddressValue, value?: unknown): void
  }
  var Table: { prototype: Table, new(descriptor: TableDescriptor, value?: unknown): Table }

  interface Module { readonly [Symbol.toStringTag]: 'WebAssembly.Module' }
  var Module: {
    prototype: Module
    new(bytes: BufferSource, options?: CompileOptions): Module
    customSections(moduleObject: Module, sectionName: string): ArrayBuffer[]
    exports(moduleObject: Module): ModuleExportDescriptor[]
    imports(moduleObject: Module): ModuleImportDescriptor[]
  }

  interface Instance { readonly exports: Exports }
  var Instance: { prototype: Instance, new(module: Module, importObject?: Imports): Instance }

  interface CompileOptions { builtins?: string[], importedStringConstants?: string | null }
  interface GlobalDescriptor<T extends ValueType = ValueType> { mutable?: boolean, value: T }
  interface MemoryDescriptor {
    address?: AddressType
    initial: AddressValue
    maximum?: AddressValue
    shared?: boolean
  }
  interface TableDescriptor {
    address?: AddressType
    element: TableKind
    initial: AddressValue
    maximum?: AddressValue
  }
  interface ModuleExportDescriptor { kind: ImportExportKind, name: string }
  interface ModuleImportDescriptor { kind: ImportExportKind, module: string, name: string }
  interface ValueTypeMap {
    anyfunc: Function | null
    externref: unknown
    f32: number
    f64: number
    i32: number
    i64: bigint
    v128: never
  }
  interface InstantiatedSource { instance: Instance, module: Module }

  type AddressType = 'i32' | 'i64'
  /** A bigint where the memory or table has 64-bit addresses. */
  type AddressValue = number | bigint
  type ImportExportKind = 'function' | 'global' | 'memory' | 'table' | 'tag'
  type TableKind = 'anyfunc' | 'externref'
  type ValueType = keyof ValueTypeMap
  type ExportValue = Function | Global | Memory | Table | Tag
  type Exports = Record<string, ExportValue>
  type ImportValue = ExportValue | number
  type ModuleImports = Record<string, ImportValue>
  type Imports = Record<string, ModuleImports>

  function compile(bytes: BufferSource, options?: CompileOptions): Promise<Module>
  function instantiate(bytes: BufferSource, imports?: Imports, options?: CompileOptions): Promise<InstantiatedSource>
  function instantiate(moduleObject: Module, imports?: Imports): Promise<Instance>
  function validate(bytes: BufferSource, options?: CompileOptions): boolean
}
