/**
 * The host's own objects, as they were: the globals and the prototypes that all code of one realm shares. What became of
 * them is seen by comparing, and put back, so that the next attack finds them whole.
 */

type Properties = Map<PropertyKey, PropertyDescriptor>

const watched: readonly (readonly [name: string, object: object])[] = [
  ['globalThis', globalThis], ['Object.prototype', Object.prototype], ['Array.prototype', Array.prototype], ['Function.prototype', Function.prototype],
  ['Uint8Array.prototype', Uint8Array.prototype], ['TypedArray.prototype', Object.getPrototypeOf(Uint8Array.prototype) as object], ['DataView.prototype', DataView.prototype],
  ['Map.prototype', Map.prototype], ['Promise.prototype', Promise.prototype], ['Iterator.prototype', Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]())) as object]
]

export class HostObjects {
  readonly #before: ReadonlyMap<string, Properties>

  private constructor (before: ReadonlyMap<string, Properties>) {
    this.#before = before
  }

  static noted (): HostObjects {
    return new HostObjects(new Map(watched.map(([name, object]) => [name, propertiesOf(object)])))
  }

  /** What is not as it was, in words. */
  changes (): string[] {
    return watched.flatMap(([name, object]) => {
      const before = this.#before.get(name)!
      const now = propertiesOf(object)
      return [
        ...[...now].filter(([key, property]) => !same(before.get(key), property) && !isLazy(name, before.get(key), key)).map(([key]) => `${name}.${String(key)} ${before.has(key) ? 'is another' : 'was added'}`),
        ...[...before.keys()].filter(key => !now.has(key)).map(key => `${name}.${String(key)} is gone`)
      ]
    })
  }

  restore (): void {
    for (const [name, object] of watched) {
      const before = this.#before.get(name)!
      for (const key of Reflect.ownKeys(object)) if (!before.has(key)) Reflect.deleteProperty(object, key)
      for (const [key, property] of before) if (!isLazy(name, property) && !same(property, Object.getOwnPropertyDescriptor(object, key))) Reflect.defineProperty(object, key, property)
    }
  }
}

/** Node makes some of its globals when they are first asked for. */
function isLazy (name: string, before: PropertyDescriptor | undefined, key: PropertyKey = ''): boolean {
  if (typeof key === 'symbol' && key.description?.startsWith('undici') === true) return true
  return name === 'globalThis' && before?.get !== undefined
}

function propertiesOf (object: object): Properties {
  return new Map(Reflect.ownKeys(object).map(key => [key, Object.getOwnPropertyDescriptor(object, key)!]))
}

function same (a: PropertyDescriptor | undefined, b: PropertyDescriptor | undefined): boolean {
  return a !== undefined && b !== undefined && Object.is(a.value, b.value) && a.get === b.get && a.set === b.set
}
