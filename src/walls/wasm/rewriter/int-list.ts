// A growing list of 32-bit integers in one typed array: facts about millions of instructions without an object each.

export class IntList {
  private items: Int32Array = new Int32Array(256)
  length = 0

  push(value: number): void {
    if (this.length === this.items.length) {
      const grown = new Int32Array(this.items.length * 2)
      grown.set(this.items)
      this.items = grown
    }
    this.items[this.length++] = value
  }

  at(index: number): number {
    return this.items[index]!
  }

  set(index: number, value: number): void {
    this.items[index] = value
  }

  toArray(): Int32Array {
    return this.items.slice(0, this.length)
  }
}
