// Command-line programs that nobody here wrote, under every kernel: what they print is known from elsewhere, and the files
// that they leave can be read by the host's own tools.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gunzipSync, gzipSync } from 'node:zlib'
import { boot, kernels, loadProgram } from 'kaleidos'
import type { OperatingSystem, Program, SpawnOptions } from 'kaleidos'
import { realProgram, skipWithout } from './programs.ts'
import type { RealProgram } from './programs.ts'

const programs = new Map<RealProgram, Promise<Program>>()

/** Read and rewritten once for all kernels. */
function program(name: RealProgram): Promise<Program> {
  const loaded = programs.get(name) ?? realProgram(name).then(bytes => loadProgram(bytes, { name }))
  programs.set(name, loaded)
  return loaded
}

type Files = Record<string, Uint8Array | string>
type Run = (args: string[], files: Files, stdin?: SpawnOptions['stdin']) => Promise<Ran>
interface Ran { status: number, text: string, stdout: Uint8Array<ArrayBuffer>, errors: string, files: Record<string, Uint8Array> }

/** One test a kernel. Each run has a system of its own, since a unikernel runs one program: files go in and come out. */
function underEveryKernel(what: string, name: RealProgram, body: (run: Run) => Promise<void>) {
  for (const [kernel, plan] of Object.entries(kernels)) {
    test(`${name}, ${kernel}: ${what}`, { skip: skipWithout(name) }, () => body(async (args, files, stdin = null) => {
      await using os = await boot({ kernel: plan(), program: await program(name) })
      for (const [path, data] of Object.entries(files)) await os.fs.writeFile(`/${path}`, data)
      const { status, text, stdout, stderr } = await os.spawn(await program(name), { args: [name, ...args], stdin }).output()
      const left = await filesOf(os)
      return { status, text, stdout: new Uint8Array(stdout), errors: new TextDecoder().decode(stderr), files: left }
    }))
  }
}

async function filesOf(os: OperatingSystem): Promise<Record<string, Uint8Array>> {
  const files: Record<string, Uint8Array> = {}
  for (const name of await os.fs.readdir('/')) {
    if ((await os.fs.stat(`/${name}`)).type === 'file') files[name] = await os.fs.readFile(`/${name}`)
  }
  return files
}

underEveryKernel('computes, and errors unwind by exceptions', 'lua', async run => {
  const script = `
    local function fib(n) return n < 2 and n or fib(n - 1) + fib(n - 2) end
    print(_VERSION, fib(20), ("x"):rep(3), string.format("%.5f", math.pi), 7 // 2, 2^53 | 0)
    print(pcall(error, { code = 1 }) == false, select(2, pcall(error, "message", 0)))
    local co = coroutine.wrap(function(a) for i = 1, 3 do a = coroutine.yield(a * i) end end)
    print(co(2), co(3), co(4))
    -- errors through coroutines, to-be-closed variables and metamethods
    local closed = 0
    local ok, message = pcall(function()
      local _ <close> = setmetatable({}, { __close = function() closed = closed + 1 end })
      return coroutine.wrap(function() error({ "inside" }) end)()
    end)
    print(ok, message[1], closed)
    for line in io.lines() do io.write(line:reverse(), "\\n") end
    local file = assert(io.open("/made", "w"))
    file:write(("line\\n"):rep(1000)):close()
    print(#io.open("/made"):read("a"), os.remove("/made"), io.open("/made"))
    os.exit(tonumber(arg[1]))
  `
  const { text, status, files } = await run(['/test.lua', '33'], { 'test.lua': script }, 'abc\ndef\n')
  assert.deepEqual(Object.keys(files), ['test.lua'])
  assert.equal(text, [
    'Lua 5.4\t6765\txxx\t3.14159\t3\t9007199254740992',
    'true\tmessage',
    '2\t6\t12',
    'false\tinside\t1',
    'cba', 'fed',
    '5000\ttrue\tnil\t/made: No such file or directory\t44',
    '',
  ].join('\n'))
  assert.equal(status, 33)
})

underEveryKernel('an error without end ends with its own message', 'lua', async run => {
  const { errors, status } = await run(['-e', 'local function f() return 1 + f() end f()'], {})
  assert.equal(status, 1)
  assert.match(errors, /stack overflow/)
})

/** Bytes that compress somewhat: words drawn by a fixed rule. */
function sample(length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length)
  for (let i = 0, state = 1; i < length; i++) {
    state = Math.imul(state, 1103515245) + 12345 >>> 0
    bytes[i] = state >>> 24 < 40 ? 32 : 97 + (state >>> 16) % 9
  }
  return bytes
}

underEveryKernel('gives back what it compressed, through files', 'bzip2', async run => {
  const data = sample(300_000)
  const { status, files } = await run(['-k', '/data'], { data })
  assert.equal(status, 0)
  const packed = files['data.bz2']!
  assert.ok(packed.length < data.length * 0.6, `${packed.length} bytes`)
  assert.equal(new TextDecoder().decode(packed.subarray(0, 3)), 'BZh')

  const unpacked = await run(['-d', '/data.bz2'], { 'data.bz2': packed })
  assert.equal(unpacked.status, 0)
  assert.deepEqual(Object.keys(unpacked.files), ['data'])
  assert.deepEqual(new Uint8Array(unpacked.files.data!), data)
})

underEveryKernel('refuses to overwrite, and tells a damaged file', 'bzip2', async run => {
  const { stdout: packed } = await run(['-c'], {}, sample(50_000))
  const refused = await run(['-d', '/data.bz2'], { 'data.bz2': packed, data: 'there already' })
  assert.equal(refused.status, 1)
  assert.match(refused.errors, /already exists/)
  assert.equal(new TextDecoder().decode(refused.files.data), 'there already')

  packed[packed.length >> 1]! ^= 0xff
  const { status, errors } = await run(['-t', '/data.bz2'], { 'data.bz2': packed })
  assert.equal(status, 2)
  assert.match(errors, /data integrity|CRC/)
})

underEveryKernel("streams what the host's zlib reads, and the other way round", 'minigzip', async run => {
  const data = sample(200_000)
  const packed = await run([], {}, data)
  assert.equal(packed.status, 0)
  assert.deepEqual(new Uint8Array(gunzipSync(packed.stdout)), data)
  const unpacked = await run(['-d'], {}, new Uint8Array(gzipSync(data)))
  assert.deepEqual(unpacked.stdout, data)
})

underEveryKernel('keeps a database in a file, and rolls back', 'sqlite3', async run => {
  const made = await run(['/test.db'], {}, `
    pragma journal_mode = delete;
    create table numbers(n integer primary key, square integer);
    begin;
    insert into numbers with recursive c(n) as (select 1 union all select n + 1 from c where n < 2000) select n, n * n from c;
    commit;
    begin; delete from numbers; rollback;
    select count(*), sum(square) from numbers;
  `)
  assert.equal(made.text, 'delete\n2000|2668667000\n')
  assert.equal(made.status, 0)
  assert.deepEqual(Object.keys(made.files), ['test.db'])
  const file = made.files['test.db']!
  assert.equal(new TextDecoder().decode(file.subarray(0, 15)), 'SQLite format 3')

  const query = 'pragma integrity_check; select square from numbers where n = 1999'
  const { text } = await run(['/test.db', query], { 'test.db': file })
  assert.equal(text, 'ok\n3996001\n')
})

underEveryKernel('filters and groups JSON as JavaScript does', 'jq', async run => {
  const records = Array.from({ length: 300 }, (_item, index) => ({ id: index, group: `g${index % 7}`, value: index * 1.5, tags: ['ä', `"${index}"`] }))
  const filter = 'group_by(.group) | map({ group: .[0].group, sum: (map(.value) | add), last: .[-1].tags[1] })'
  const { status, text } = await run(['-c', filter, '/in.json'], { 'in.json': JSON.stringify(records) })
  assert.equal(status, 0)
  const groups = Map.groupBy(records, record => record.group)
  assert.deepEqual(JSON.parse(text), [...groups].map(([group, members]) =>
    ({ group, sum: members.reduce((sum, { value }) => sum + value, 0), last: members.at(-1)!.tags[1] })))

  const { status: refused, errors } = await run(['.'], {}, '{"a": [1, 2}')
  assert.notEqual(refused, 0)
  assert.match(errors, /parse error/)
})
