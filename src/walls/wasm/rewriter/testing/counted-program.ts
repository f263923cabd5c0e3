// Random programs whose number of executed instructions is known without running them: each part is written together
// with its count, and every decision in it is a constant. The oracle for exact mode.

import { Random } from './random.ts'

/** A piece of code: its text, and what it costs to go through it once. */
export interface Counted { text: string, cost: number }

const nothing: Counted = { text: '', cost: 0 }

/** A module that exports `run`, and the cost of one call of it. */
export function countedProgram(seed: number): Counted {
  const program = new Program(new Random(seed))
  const body = program.sequence(4)
  return {
    cost: body.cost,
    text: `(module (tag $e) (memory 8) ${program.functions.map((made) => made.text).join('\n')}
      (func (export "run") ${locals} ${body.text}))`,
  }
}

const depthMax = 6
const locals = `(local ${'i32 '.repeat(depthMax + 1)})`

class Program {
  readonly functions: Counted[] = []
  private readonly throwers: { name: string, cost: number }[] = []
  private readonly returning: { name: string, cost: number }[] = []
  private readonly random: Random

  constructor(random: Random) {
    this.random = random
  }

  sequence(depth: number): Counted {
    const parts = Array.from({ length: this.random.below(4) }, () => this.part(depth))
    return { text: parts.map((part) => part.text).join(' '), cost: parts.reduce((sum, part) => sum + part.cost, 0) }
  }

  private part(depth: number): Counted {
    if (depth === 0) return this.work()
    const make = this.random.pick([
      this.work, this.loop, this.choice, this.leaving, this.table, this.calling, this.catching, this.bulk, this.ending,
    ])
    return make.call(this, depth - 1)
  }

  private work(): Counted {
    const times = this.random.below(4)
    return { text: '(drop (i32.eqz (i32.const 1))) nop '.repeat(times), cost: times }
  }

  private loop(depth: number): Counted {
    const times = 1 + this.random.below(5)
    const body = this.sequence(depth)
    return {
      text: `(local.set ${depth} (i32.const ${times})) (loop ${body.text}
        (br_if 0 (local.tee ${depth} (i32.sub (local.get ${depth}) (i32.const 1)))))`,
      cost: times * (body.cost + 2),
    }
  }

  private choice(depth: number): Counted {
    const taken = this.random.below(2)
    const [yes, no] = [this.sequence(depth), this.random.below(3) ? this.sequence(depth) : nothing]
    const otherwise = no === nothing ? '' : `(else ${no.text})`
    return {
      text: `(if (i32.const ${taken}) (then ${yes.text}) ${otherwise})`,
      cost: 1 + (taken ? yes.cost : no.cost),
    }
  }

  private leaving(depth: number): Counted {
    const leaves = this.random.below(2)
    const [before, after] = [this.sequence(depth), this.sequence(depth)]
    return {
      text: `(block ${before.text} (br_if 0 (i32.const ${leaves})) ${after.text})`,
      cost: before.cost + 1 + (leaves ? 0 : after.cost),
    }
  }

  private table(depth: number): Counted {
    const index = this.random.below(5)
    const [first, second] = [this.sequence(depth), this.sequence(depth)]
    return {
      text: `(block (block (block (br_table 0 1 2 (i32.const ${index}))) ${first.text} (br 1)) ${second.text})`,
      cost: 1 + (index === 0 ? first.cost + 1 : index === 1 ? second.cost : 0),
    }
  }

  private calling(depth: number): Counted {
    if (this.returning.length === 0 || this.random.below(2)) this.define(depth, false)
    const callee = this.random.pick(this.returning)
    return { text: `(call ${callee.name})`, cost: 1 + callee.cost }
  }

  private catching(depth: number): Counted {
    if (this.throwers.length === 0 || this.random.below(2)) this.define(depth, true)
    const thrower = this.random.pick(this.throwers)
    const [before, skipped, caught] = [this.sequence(depth), this.sequence(depth), this.sequence(depth)]
    if (this.random.below(3) === 0) {
      const text = `(try (do ${before.text} (throw $e)) (catch_all ${caught.text}))`
      return { text, cost: before.cost + 1 + caught.cost }
    }
    const clause = this.random.pick(['catch $e', 'catch_all'])
    return {
      text: `(try (do ${before.text} (call ${thrower.name}) ${skipped.text}) (${clause} ${caught.text}))`,
      cost: before.cost + 1 + thrower.cost + caught.cost,
    }
  }

  private bulk(): Counted {
    const size = this.random.pick([0, 1, 15, 16, 1000, 65535, 65536, 65537, 131073, 300000])
    const constant = this.random.below(2)
    const pushed = constant ? `(i32.const ${size})` : `(i32.add (i32.const ${size}) (i32.const 0))`
    return {
      text: `(memory.fill (i32.const ${this.random.below(100)}) (i32.const 1) ${pushed})`,
      cost: (constant ? 1 : 2) + Math.floor(size / 16),
    }
  }

  /** What follows a return is never executed. */
  private ending(depth: number): Counted {
    const [body, after] = [this.sequence(depth), this.sequence(depth)]
    const name = `$end${this.functions.length}`
    this.functions.push({ text: `(func ${name} ${locals} ${body.text} return ${after.text})`, cost: body.cost + 1 })
    return { text: `(call ${name})`, cost: body.cost + 2 }
  }

  private define(depth: number, throws: boolean): void {
    const body = this.sequence(Math.min(depth, 2))
    const name = `$f${this.functions.length}`
    const tail = !throws && this.returning.length > 0 && this.random.below(2) ? this.random.pick(this.returning) : undefined
    const end = throws ? '(throw $e)' : tail ? `(return_call ${tail.name})` : ''
    const cost = body.cost + (throws ? 1 : tail ? 1 + tail.cost : 0)
    this.functions.push({ text: `(func ${name} ${locals} ${body.text} ${end})`, cost })
    if (throws) this.throwers.push({ name, cost })
    else this.returning.push({ name, cost })
  }
}
