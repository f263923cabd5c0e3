/** cd, echo, printf, pwd. */

import { describe } from '../../library/errors.ts'
import { normalized } from '../../library/path.ts'
import { printf, unescape } from '../../text/printf.ts'
import type { Interpreter, Place } from '../interpreter.ts'
import { print, wrong } from './builtin.ts'

export async function changeDirectory (shell: Interpreter, args: readonly string[], place: Place): Promise<number> {
  const words = args.filter(word => word !== '-L' && word !== '-P' && word !== '--')
  if (words.length > 1) return await wrong(shell, place, 'cd: too many arguments')
  const { variables } = shell.state
  const [given] = words
  const target = given === undefined ? variables.get('HOME') : given === '-' ? variables.get('OLDPWD') : given
  if (target === undefined) return await wrong(shell, place, `cd: ${given === '-' ? 'OLDPWD' : 'HOME'} not set`)
  const before = variables.get('PWD') ?? await shell.system.cwd()
  // As it was written: `..` goes back through a link.
  const whole = args.includes('-P') ? target : normalized(target.startsWith('/') ? target : `${before}/${target}`)
  try {
    await shell.system.chdir(whole)
  } catch (error) {
    return await wrong(shell, place, `cd: ${target}: ${describe(error)}`)
  }
  variables.set('OLDPWD', before)
  variables.set('PWD', args.includes('-P') ? await shell.system.cwd() : whole)
  variables.writable('PWD').exported = true
  if (given === '-') await print(shell, place, `${whole}\n`)
  return 0
}

export async function echo (shell: Interpreter, args: readonly string[], place: Place): Promise<number> {
  let at = 0
  let newline = true
  let escapes = false
  for (; /^-[neE]+$/.test(args[at] ?? ''); at++) {
    if (args[at]!.includes('n')) newline = false
    if (args[at]!.lastIndexOf('e') > args[at]!.lastIndexOf('E')) escapes = true
    else if (args[at]!.includes('E')) escapes = false
  }
  const text = args.slice(at).join(' ')
  if (!escapes) {
    await print(shell, place, newline ? `${text}\n` : text)
    return 0
  }
  const { bytes, stop } = unescape(text, 'zero')
  if (newline && !stop) bytes.push(10)
  await print(shell, place, Uint8Array.from(bytes))
  return 0
}

export async function printFormatted (shell: Interpreter, args: readonly string[], place: Place): Promise<number> {
  const words = args[0] === '--' ? args.slice(1) : args
  const variable = words[0] === '-v' ? words[1] : undefined
  const [format, ...values] = variable === undefined ? words : words.slice(2)
  if (format === undefined) return await wrong(shell, place, 'printf: usage: printf [-v var] format [arguments]', 2)
  const { bytes, errors } = printf(format, values)
  if (variable === undefined) await print(shell, place, bytes)
  else shell.state.variables.set(variable, new TextDecoder().decode(bytes))
  for (const error of errors) await shell.complain(`printf: ${error}`, place.io)
  return Number(errors.length > 0)
}

export async function printDirectory (shell: Interpreter, args: readonly string[], place: Place): Promise<number> {
  const logical = args.includes('-P') ? undefined : shell.state.variables.get('PWD')
  await print(shell, place, `${logical ?? await shell.system.cwd()}\n`)
  return 0
}
