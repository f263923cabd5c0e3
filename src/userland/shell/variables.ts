/**
 * Variables of the shell: texts and arrays, exported or not, in scopes that functions open.
 *
 * Source: POSIX.1-2024, Shell Command Language 2.5.3; bash(1), PARAMETERS and Arrays.
 */

/** What a variable is, beside its value. */
export interface Attributes {
  exported: boolean
  readonly: boolean
  integer: boolean
  letters: 'upper' | 'lower' | null
}

export type Elements = Map<string, string>

export interface Variable extends Attributes {
  /** A text; an array, by index or key; or nothing yet (`declare x`, `local x`). */
  value: string | Elements | undefined
  /** Whether keys are texts; else they are whole numbers. */
  associative: boolean
}

export class VariableError extends Error {}

export const isName = (text: string): boolean => /^[A-Za-z_][A-Za-z0-9_]*$/.test(text)

export class Variables {
  /** Innermost last; the first are the globals. */
  readonly #scopes: Map<string, Variable>[]

  constructor (scopes: Map<string, Variable>[] = [new Map()]) {
    this.#scopes = scopes
  }

  /** A copy that shares nothing: for a subshell. */
  clone (): Variables {
    return new Variables(this.#scopes.map(scope => new Map([...scope].map(([name, variable]) =>
      [name, { ...variable, value: variable.value instanceof Map ? new Map(variable.value) : variable.value }]))))
  }

  find (name: string): Variable | undefined {
    for (let at = this.#scopes.length - 1; at >= 0; at--) {
      const found = this.#scopes[at]!.get(name)
      if (found !== undefined) return found
    }
    return undefined
  }

  /** The text of a variable; of an array its element 0. */
  get (name: string): string | undefined {
    const value = this.find(name)?.value
    return value instanceof Map ? value.get('0') : value
  }

  elements (name: string): Elements | undefined {
    const value = this.find(name)?.value
    return value instanceof Map ? value : value === undefined ? undefined : new Map([['0', value]])
  }

  /** Sets a variable, or an element of it. Throws a VariableError where it is read-only. */
  set (name: string, value: string, index?: string): void {
    const variable = this.writable(name)
    const text = variable.letters === 'upper' ? value.toUpperCase() : variable.letters === 'lower' ? value.toLowerCase() : value
    if (index !== undefined) {
      variable.value = variable.value instanceof Map ? variable.value : new Map(variable.value === undefined ? [] : [['0', variable.value]])
      variable.value.set(index, text)
      if (!variable.associative) sortIndices(variable.value)
    } else if (variable.value instanceof Map) {
      variable.value.set('0', text)
    } else {
      variable.value = text
    }
  }

  setElements (name: string, elements: Elements): void {
    this.writable(name).value = elements
  }

  /** The variable, made if need be. Throws a VariableError where it is read-only. */
  writable (name: string): Variable {
    const found = this.find(name)
    if (found?.readonly === true) throw new VariableError(`${name}: readonly variable`)
    if (found !== undefined) return found
    const made = fresh()
    this.#scopes[0]!.set(name, made)
    return made
  }

  /** A variable of the innermost scope. */
  local (name: string): Variable {
    const scope = this.#scopes.at(-1)!
    const found = scope.get(name)
    if (found !== undefined) return found
    if (this.find(name)?.readonly === true) throw new VariableError(`${name}: readonly variable`)
    const made = fresh()
    scope.set(name, made)
    return made
  }

  get isGlobal (): boolean {
    return this.#scopes.length === 1
  }

  unset (name: string, index?: string): void {
    const found = this.find(name)
    if (found === undefined) return
    if (found.readonly) throw new VariableError(`${name}: cannot unset: readonly variable`)
    if (index !== undefined) {
      if (found.value instanceof Map) found.value.delete(index)
      return
    }
    for (let at = this.#scopes.length - 1; at >= 0; at--) if (this.#scopes[at]!.delete(name)) return
  }

  push (): void {
    this.#scopes.push(new Map())
  }

  pop (): void {
    this.#scopes.pop()
  }

  /** Names that are set, sorted. */
  names (prefix = ''): string[] {
    const names = new Set(this.#scopes.flatMap(scope => [...scope.keys()]))
    return [...names].filter(name => name.startsWith(prefix) && this.find(name)?.value !== undefined).toSorted()
  }

  all (): [string, Variable][] {
    return this.names().map(name => [name, this.find(name)!])
  }

  /** What processes that the shell starts get. */
  environment (): Record<string, string> {
    const out: Record<string, string> = {}
    for (const scope of this.#scopes) {
      for (const [name, { exported, value }] of scope) {
        if (!exported || value === undefined) delete out[name]
        else if (typeof value === 'string') out[name] = value
      }
    }
    return out
  }
}

function fresh (): Variable {
  return { value: undefined, associative: false, exported: false, readonly: false, integer: false, letters: null }
}

function sortIndices (elements: Elements): void {
  const keys = [...elements.keys()]
  if (keys.every((key, at) => at === 0 || Number(keys[at - 1]) < Number(key))) return
  const sorted = [...elements].toSorted(([a], [b]) => Number(a) - Number(b))
  elements.clear()
  for (const [key, value] of sorted) elements.set(key, value)
}
