// Documents that do not rot: what they name exists. Links, headings, paths, commands and their options are read out of the Markdown
// and looked up. Figures and drawings are checked beside the plans, in src/kernels/plans.test.ts.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, globSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { test } from 'node:test'
import { processCalls } from '../src/roles/index.ts'
import { linksOf, prose } from './markdown.ts'

const root = join(import.meta.dirname, '..')
const documents = globSync(['*.md', '{docs,src,programs,test,bench}/**/*.md'], { cwd: root })
  .map(path => path.replaceAll('\\', '/')).filter(path => !path.includes('node_modules')).sort()
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> }
/** Words in backticks that begin with one of these are paths of the tree. */
const folders = ['src', 'test', 'bench', 'scripts', 'programs', 'docs', 'bin', '.ci', 'types']

function textOf (document: string): string {
  return readFileSync(join(root, document), 'utf8')
}

/** Paths of this tree in backticks: those that begin with one of its folders, and files of its root. */
export function pathsOf (text: string): string[] {
  return [...prose(text).matchAll(/`([^`\n]+)`/g)].map(match => match[1]!)
    .filter(word => folders.some(folder => word === folder || word.startsWith(`${folder}/`)) || /^[A-Za-z.]+\.(md|json)$/.test(word))
    .filter(word => !/[*\s]/.test(word))
}

/** Command lines in backticks and in fenced blocks, without comments. */
export function commandsOf (text: string): string[] {
  const fenced = [...text.matchAll(/^```(?:sh|bash)\n([^]*?)^```$/gm)].flatMap(match => match[1]!.split('\n'))
  const indented = text.split('\n').filter(line => /^ {4}\S/.test(line)).map(line => line.trim())
  const quoted = [...prose(text).matchAll(/`([^`]+)`/g)].map(match => match[1]!.replaceAll('\n', ' '))
  return [...fenced, ...indented, ...quoted].map(line => line.replace(/\s#.*$/, '').trim())
    .filter(line => /^(npm|npx|kaleidos|node bench\/)\b/.test(line))
}

/** The name of a heading's anchor, as GitHub makes it. */
export function anchorOf (heading: string): string {
  return heading.toLowerCase().replace(/[^\p{L}\p{N} _-]/gu, '').replaceAll(' ', '-')
}

function anchorsOf (text: string): Set<string> {
  return new Set([...prose(text).matchAll(/^#+ (.*)$/gm)].map(match => anchorOf(match[1]!)))
}

test('there are the documents that a reader looks for', () => {
  for (const document of ['README.md', 'ARCHITECTURE.md', 'GLOSSARY.md', 'CHANGELOG.md']) assert.ok(documents.includes(document), document)
})

for (const document of documents) {
  const text = textOf(document)

  test(`${document}: every link leads somewhere`, () => {
    for (const link of linksOf(text)) {
      const [path, anchor] = link.split('#') as [string, string?]
      const target = path === '' ? document : normalize(join(dirname(document), path))
      assert.ok(existsSync(join(root, target)), `${link} leads to ${target}, which is not there`)
      if (anchor !== undefined) assert.ok(anchorsOf(textOf(target)).has(anchor), `${target} has no heading #${anchor}`)
    }
  })

  test(`${document}: every file and folder that it names exists`, () => {
    for (const path of pathsOf(text)) {
      const found = [path, join(dirname(document), path)].some(candidate => existsSync(join(root, candidate)))
      assert.ok(found, `\`${path}\` is not there`)
    }
  })

  test(`${document}: no path of a machine, no host of a registry`, () => {
    assert.doesNotMatch(text, /(?:^|[\s`"'(])\/(?:home|root|work|tmp|Users|var|opt|mnt)\//m)
    assert.doesNotMatch(text, /\b[A-Z]:\\|file:\/\/|localhost|registry\.[a-z]/)
  })

  test(`${document}: commands are there, with their options`, () => {
    for (const command of commandsOf(text)) assert.equal(whyNot(command), '', command)
  })
}

const helps = new Map<string, string>()

/** What `kaleidos WORDS --help` prints; empty when there is no such command. */
function helpOf (...words: string[]): string {
  const key = words.join(' ')
  let help = helps.get(key)
  if (help === undefined) {
    const { status, stdout } = spawnSync(process.execPath, [join(root, 'src/cli/main.ts'), ...words, '--help'], { encoding: 'utf8' })
    help = status === 0 ? stdout : ''
    helps.set(key, help)
  }
  return help
}

/** Why a command line of a document would not run; empty when it would. */
export function whyNot (command: string): string {
  const words = command.split(/\s+/)
  if (words[0] === 'npm') return whyNoScript(words.slice(1))
  if (words[0] === 'node') return existsSync(join(root, words[1]!)) ? '' : `${words[1]} is not there`
  const own = words[0] === 'npx' ? words.slice(1) : words
  return own[0] === 'kaleidos' ? whyNoCommand(own.slice(1)) : ''
}

function whyNoScript (words: string[]): string {
  const name = words[0] === 'run' ? words[1] : words[0]
  if (name === undefined || ['install', 'ci', 'rebuild'].includes(name)) return ''
  if (manifest.scripts[name] === undefined) return `package.json has no script ${name}`
  // What follows `npm start --` are arguments of compare.
  const at = words.indexOf('--')
  return name === 'start' && at >= 0 ? whyNoCommand(['compare', ...words.slice(at + 1)]) : ''
}

function whyNoCommand (words: string[]): string {
  const nested = helpOf().match(/^ {2}(\w+)/gm)?.map(line => line.trim()) ?? []
  const named = words.findIndex(word => !nested.includes(word))
  let path = words.slice(0, named < 0 ? words.length : Math.min(named, 1))
  // `kernels show` and the like: a second word that has a help of its own.
  const second = words[path.length]
  if (path.length === 1 && second !== undefined && /^[a-z]+$/.test(second) && helpOf(path[0]!).match(new RegExp(`^ {2}${second}\\b`, 'm'))) path = [...path, second]
  if (path.length === 0 && words.some(word => /^[a-z]+$/.test(word))) return `there is no command ${words[0]}`
  const help = helpOf(...path)
  const rest = words.slice(path.length)
  const end = rest.findIndex(word => word === '--' || /\.wasm$/.test(word))
  // After the program's name options are the program's own, for `run`; `compare` reads its own up to `--`.
  const until = end < 0 ? rest.length : path[0] === 'run' ? end : rest.includes('--') ? rest.indexOf('--') : rest.length
  for (const option of rest.slice(0, until).filter(word => word.startsWith('--') && word !== '--')) {
    if (!help.includes(option.split('=')[0]!)) return `kaleidos ${path.join(' ')} has no option ${option}`
  }
  return ''
}

test('decisions are numbered from 1 on, each once, and begin with their number', () => {
  const decisions = documents.filter(path => path.startsWith('docs/decisions/'))
  decisions.forEach((path, index) => {
    const number = index + 1
    assert.match(path, new RegExp(`/${String(number).padStart(4, '0')}-[a-z0-9.-]+\\.md$`))
    assert.match(textOf(path), new RegExp(`^# ${number}\\. `))
  })
})

test('the README fits on two screens', () => {
  assert.ok(textOf('README.md').trimEnd().split('\n').length <= 90)
})

test('the README\'s commands run', () => {
  const commands = commandsOf(textOf('README.md')).filter(command => command.startsWith('npx kaleidos '))
  assert.ok(commands.length > 0)
  for (const command of commands) {
    const words = command.split(/\s+/).slice(2)
    const { status, stderr } = spawnSync(process.execPath, [join(root, 'src/cli/main.ts'), ...words], { cwd: root, encoding: 'utf8' })
    assert.equal(status, 0, `${command}: ${stderr}`)
  }
})

test('every kernel has a page, and ARCHITECTURE.md leads to it', () => {
  for (const folder of globSync('src/kernels/*/', { cwd: root }).map(path => path.replaceAll('\\', '/'))) {
    if (!statSync(join(root, folder)).isDirectory()) continue
    assert.ok(existsSync(join(root, folder, 'README.md')), folder)
    assert.ok(linksOf(textOf('ARCHITECTURE.md')).includes(`${folder.replace(/\/$/, '')}/README.md`), folder)
  }
})

test('the module kaleidos: its header and its page have every call, and no other', () => {
  const header = readFileSync(join(root, 'programs/include/kaleidos.h'), 'utf8')
  const page = textOf('docs/kaleidos-module.md')
  const declared = [...header.matchAll(/^KALEIDOS\((\w+)\)\(([^)]*)\)/gm)].map(match => [match[1], match[2] === 'void' ? 0 : match[2]!.split(',').length])
  const calls = Object.entries(processCalls).map(([name, { parameters }]) => [name, parameters.length])
  assert.deepEqual(declared.sort(), calls.sort())
  const described = [...page.matchAll(/`(\w+)\(([^)`]*)\)`[^|]*\|[^|]*\|[^|]*\|$/gm), ...page.matchAll(/, `(\w+)\(([^)`]*)\)` \|/g)]
    .map(match => [match[1], match[2]!.split(',').length])
  const firsts = [...page.matchAll(/^\| `(\w+)\(([^)`]*)\)`/gm)].map(match => [match[1], match[2]!.split(',').length])
  const all = new Map([...firsts, ...described] as [string, number][])
  assert.deepEqual([...all].sort(), calls.sort())
})

test('the page of tasks has every call of the API, and no other', () => {
  const api = readFileSync(join(root, 'src/abi/task/task-calls.ts'), 'utf8')
  const body = /^export interface TaskCalls \{\n([^]*?)^\}/m.exec(api)![1]!
  const calls = [...body.matchAll(/^ {2}(?:readonly )?(\w+)(?: \(|:)/gm)].map(match => match[1]!)
  const rows = textOf('docs/tasks.md').split('\n').filter(line => /^\| [^|]*\| `/.test(line)).map(line => line.split('|')[2]!)
  const described = rows.flatMap(row => [...row.matchAll(/`(\w+)`/g)].map(match => match[1]!))
  assert.deepEqual(described.sort(), calls.sort())
})

test('what would rot is seen', () => {
  assert.deepEqual(linksOf('[a](b.md) [c](https://d) ![e](f.png)\n```\n[g](h)\n```\n'), ['b.md', 'f.png'])
  assert.deepEqual(pathsOf('`src/a.ts` `src` `srcs/b` `c.md` `src/**/*.ts` `d`'), ['src/a.ts', 'src', 'c.md'])
  assert.deepEqual(commandsOf('`npm test` `npx\nkaleidos run` `src`\n```sh\nnpm start   # why\nls\n```\n'), ['npm start', 'npm test', 'npx kaleidos run'])
  assert.equal(anchorOf('The life of an `fd_read`, twice'), 'the-life-of-an-fd_read-twice')
  assert.equal(whyNot('npm run absent'), 'package.json has no script absent')
  assert.equal(whyNot('npx kaleidos frob'), 'there is no command frob')
  assert.equal(whyNot('npx kaleidos run --frob a.wasm --its-own'), 'kaleidos run has no option --frob')
  assert.equal(whyNot('npx kaleidos kernels show microkernel --frob'), 'kaleidos kernels show has no option --frob')
  assert.equal(whyNot('npm start -- my.wasm --dir ./data --frob -- --its-own'), 'kaleidos compare has no option --frob')
  assert.equal(whyNot('npm start -- my.wasm --dir ./data -- --its-own'), '')
  assert.equal(whyNot('node bench/absent.ts'), 'bench/absent.ts is not there')
})
