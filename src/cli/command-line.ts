/**
 * The commands, their options and their help. What each does is in a file of its own, loaded when it is called, so that
 * help and errors of the command line need no kernel.
 */

import { Command, CommanderError, Help, Option } from 'commander'
import { CommandError, report, standardStreams, usage, type Ending, type Says } from './exit.ts'
import { limits } from './limit-options.ts'
import { columns } from './output.ts'
import { parseCount, parseDirectory, parseEvents, parseProcessors, parseSeed, parseVariable } from './options.ts'
import { directoryFlags, kernelDefault, kernelText, runOptions, type ValueOption } from './run-options.ts'
import { suggestion } from './suggestion.ts'
import { version } from './version.ts'

/** Runs one command line (the words after `kaleidos`); returns how it ended. Errors are printed, never thrown. */
export async function commandLine (words: readonly string[], says: Says = standardStreams): Promise<Ending> {
  let ending: Ending = 0
  const program = commands(value => { ending = value }, says)
  try {
    // Commander takes help for a command that there is not as help for all.
    const known = words[0] !== 'help' || words[1] === undefined || program.commands.some(command => command.name() === words[1])
    await program.parseAsync(known ? [...words] : words.slice(1), { from: 'user' })
    return ending
  } catch (error) {
    // Commander has printed its own errors, and the help that it treats as one.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : usage
    return report(error, says.err)
  }
}

/** All commands, as Commander knows them; `end` is told how one ended. */
export function commands (end: (ending: Ending) => void, { out, err }: Says): Command {
  const program = new Command('kaleidos')
  // Subcommands copy these settings when they are made, so they come first.
  program
    .description('One operating system, every kernel architecture: run programs under any of them, and compare them.')
    .version(version(), '--version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .configureHelp({ subcommandTerm: command => command.name() })
    .enablePositionalOptions()
    .showHelpAfterError('`kaleidos --help` lists what there is.')
    .exitOverride()
    .configureOutput({
      writeOut: out, writeErr: err, outputError: text => err(text.replace(/^error: /, 'kaleidos: ')),
      getOutHelpWidth: columns, getErrHelpWidth: columns
    })
    .addHelpText('after', `
Examples:
  kaleidos run hello.wasm             its output, its exit status
  kaleidos run --kernel microkernel --dir ./data:/data wc.wasm /data/words.txt
  kaleidos shell -c 'ps; ls -l /bin | wc -l'
  kaleidos compare --quick            what the same work costs under each kernel
  kaleidos trace --call fd_read       what one call goes through, step by step
  kaleidos kernels show microkernel   where its services stand

\`kaleidos COMMAND --help\` says more of each.`)

  addRun(program, end)
  addReplay(program, end)
  addRestore(program, end)
  addShell(program, end)
  addCompare(program, end)
  addTrace(program, end)
  addKernels(program, end)
  addMachines(program, end)
  addValidate(program, end)
  addFaults(program, end)
  addAttacks(program, end)
  addDebug(program, end)
  return program
}

function addRun (program: Command, end: (ending: Ending) => void): void {
  const run = advised(program.command('run'))
    .summary('run a program under a kernel')
    .description('Run a WASI program under a kernel, with this terminal as its console.')
    .usage('[options] PROGRAM.wasm [ARGUMENT…]')
    .argument('<program>', 'the program, a WebAssembly module for WASI preview 1')
    .argument('[arguments...]', 'given to the program, options too: options of kaleidos stand before the program')
    .addOption(kernelOption(kernelDefault))
    .addOption(valueOption(runOptions.wall))
    .addOption(directoryOption(runOptions.directory.text))
    .addOption(valueOption(runOptions.variable))
    .option(runOptions.supervised.flags, runOptions.supervised.text)
    .option(runOptions.json.flags, runOptions.json.text)
    .option('--trace <file>', 'write what happens, call by call, for ui.perfetto.dev (Chrome trace-event JSON)')
    .option('--trace-events <n>', 'the most events of a trace; default 2,000,000, about 300 MB', parseEvents)
    .option('--snapshot <file>', 'on SIGUSR2 save the system to a file, and end; kaleidos restore goes on with it')
    .addOption(new Option('--record <file>', 'keep all that the run depends on, for kaleidos replay; on a model machine').helpGroup('Machine:'))
    .passThroughOptions()
    .addHelpText('after', epilogue(`
Exit status: the program's own; 128 + n if signal n ended it (a fault of the program is SIGABRT, SIGSEGV, SIGFPE …); \
126 if it is no program that can run; 127 if there is none; 2 if the command line is wrong. Ctrl-C sends SIGINT to the \
program; a second one ends kaleidos at once.

Programs are rewritten before they run, and kept so in KALEIDOS_CACHE, by default kaleidos in this user's folder of caches, \
beside the compiled code of this command (KALEIDOS_CACHE=off keeps nothing). Whoever can write there decides what runs.

Examples:
  kaleidos run hello.wasm
  kaleidos run --kernel microkernel --dir ./data:/data:ro wc.wasm /data/words.txt
  kaleidos run --kernel microkernel --wall '*=thread' hello.wasm
  kaleidos run --mem 64M --cpu-time 10s --disk 100M untrusted.wasm
  kaleidos run --kernel microkernel --trace trace.json hello.wasm
  kaleidos run --machine model:cortex-a53 --processors 4 --seed 7 --record run.json --json sort.wasm words.txt
  cat picture.png | kaleidos run sha256sum.wasm`))
    .action(async (path: string, args: string[], options) => {
      const { run } = await import('./run.ts')
      end(await run(path, args, options))
    })
  addMachine(run)
  addLimits(run)
}

function addRestore (program: Command, end: (ending: Ending) => void): void {
  advised(program.command('restore'))
    .summary('go on with a system that was saved')
    .description('Go on with the program that `kaleidos run --snapshot FILE` has saved, where it was.')
    .argument('<file>', 'the snapshot')
    .addOption(directoryOption('each folder that the run had, at the same place and in the same order'))
    .option('--snapshot <file>', 'on SIGUSR2 save the system again, and end')
    .option(runOptions.json.flags, runOptions.json.text)
    .addHelpText('after', epilogue(`
A snapshot holds all that the system did: whoever can read it can read that. It names no folder of this host and no code of it \
runs outside of the kernel; a file that is damaged, or of another version, is refused. See docs/snapshots.md.

Exit status: the program's own, as of kaleidos run; 1 if it cannot be taken up; 2 if there is no such file.

Example:
  kaleidos run --snapshot saved.bin sort.wasm &
  kill -USR2 $!
  kaleidos restore saved.bin`))
    .action(async (path: string, options) => {
      const { restore } = await import('./snapshot.ts')
      end(await restore(path, options))
    })
}

function addReplay (program: Command, end: (ending: Ending) => void): void {
  advised(program.command('replay'))
    .summary('run a recorded run again, and say where it differs')
    .description('Run again what `kaleidos run --record FILE` has recorded, and compare the traces of both.')
    .argument('<file>', 'the record')
    .option('--output', 'let what the program writes go to this command\'s own streams; default: it is compared and not shown')
    .option('--json', 'print the result as JSON')
    .addHelpText('after', epilogue(`
Exit status: 0 if both are the same; 1 if they differ; 2 if the record cannot be read.

Example:
  kaleidos run --machine model:skylake --seed 3 --record run.json sort.wasm < words.txt
  kaleidos replay run.json`))
    .action(async (path: string, options) => {
      const { replay } = await import('./replay.ts')
      end(await replay(path, options))
    })
}

function addShell (program: Command, end: (ending: Ending) => void): void {
  const command = advised(program.command('shell'))
    .summary('a shell on a kernel, for a person or a script')
    .description('A shell with the usual commands, each a process of the kernel: ps, top, kill, ls, grep, sed, find … Type `help` in it.')
    .usage('[options] [SCRIPT [ARGUMENT…]]')
    .argument('[script]', 'run this script of this host; without, standard input, or a person\'s terminal')
    .argument('[arguments...]', 'given to the script')
    .addOption(kernelOption(kernelDefault))
    .addOption(valueOption(runOptions.wall))
    .option(runOptions.supervised.flags, runOptions.supervised.text)
    .option('-c, --command <text>', 'run this; the first argument is its $0')
    .addOption(directoryOption('the shell starts in the first; HOST alone stands below the root'))
    .option('--env <name=value>', 'set a variable; may be repeated', parseVariable)
    .passThroughOptions()
    .addHelpText('after', epilogue(`
Exit status: that of the last command. Ctrl-C ends what runs in the foreground and not the shell; Ctrl-D leaves. The history \
is kept in kaleidos/history below XDG_STATE_HOME. Programs that come with KaleidOS are in /usr/bin; any WASI program runs by \
its path.

Examples:
  kaleidos shell
  kaleidos shell --kernel microkernel -c 'ps; top'
  kaleidos shell --dir ./data:/data:ro -c 'grep -c error /data/*.log | sort -t: -k2nr | head -5'`))
    .action(async (script: string | undefined, args: string[], options) => {
      const { shell } = await import('./shell.ts')
      end(await shell(script, args, options))
    })
  addMachine(command)
  addLimits(command)
}

function addCompare (program: Command, end: (ending: Ending) => void): void {
  advised(program.command('compare'))
    .summary('run the same workloads, or a program, under every kernel')
    .description('Run the same workloads under every kernel, print what they cost and write a report with charts.')
    .usage('[options] [PROGRAM.wasm] [-- ARGUMENT…]')
    .argument('[program]', 'compare this WASI program instead of the built-in workloads')
    .argument('[arguments...]', 'given to the program; those that begin with - after --')
    .addOption(new Option('--kernel <name>', 'compare only this kernel; may be repeated')
      .argParser<string[]>((name, names) => [...(names ?? []), name]))
    .addOption(valueOption(runOptions.wall))
    .addOption(directoryOption('the program gets a fresh copy each time it runs, and what it writes there is compared; with :ro ' +
      'the folder itself'))
    .option('--env <name=value>', 'set a variable of the program; may be repeated', parseVariable)
    .option('--stdin <file>', 'what the program reads from standard input, - for this command\'s own; default nothing')
    .option('--repeats <n>', 'how often the program runs under each kernel; default as many as fit in the time', parseCount)
    .option('--machine <name>', 'predict on modelled hardware instead of measuring here: model:NAME (kaleidos machines lists them)')
    .addOption(new Option('--machines <names>', 'the same for several, side by side: skylake,pentium or model:skylake,…')
      .argParser<string[]>(word => word.split(',').map(name => name.includes(':') ? name : `model:${name}`)))
    .option('--processors <n>', 'virtual processors of a modelled machine, 1 to 64; default 1', parseCount)
    .option('--samples <n>', 'draw the figures of profile and cost tables from their ranges so often, and say how far conclusions hold', parseCount)
    .option('--seconds <n>', 'time to spend on measuring; default 35, with --quick 6', parseCount)
    .option('--quick', 'measure shortly: less exact')
    .option('--seed <n>', 'seed of the order in which kernels take turns', parseSeed)
    .option('--out <folder>', 'where the report goes', 'out')
    .option('--json', 'print the result as JSON instead of tables')
    .addHelpText('after', epilogue(`
Exit status: 0; 1 if the program's output, exit or files differ between kernels, or measuring failed; 2 if the command \
line is wrong; 126 or 127 if there is no program that can run.

Examples:
  kaleidos compare
  kaleidos compare --kernel monolithic --kernel microkernel --quick
  kaleidos compare --machines skylake,pentium --samples 20
  kaleidos compare my.wasm --dir ./data -- --level 3 data/in.txt`))
    .action(async (path: string | undefined, args: string[], options) => {
      const { compare } = await import('./compare.ts')
      end(await compare(path, args, options))
    })
}

function addTrace (program: Command, end: (ending: Ending) => void): void {
  advised(program.command('trace'))
    .summary('what a system call goes through, and what each step costs')
    .description('Print the receipt of a system call: each step through the architecture, with its cost. With a program and no --call: every call it makes.')
    .usage('[options] [PROGRAM.wasm] [-- ARGUMENT…]')
    .argument('[program]', 'trace this WASI program; without, one that comes along and makes the call over and over')
    .argument('[arguments...]', 'given to the program; those that begin with - after --')
    .option('--call <name>', 'the system call, such as path_open; default fd_read where no program is named')
    .addOption(new Option('--kernel <name>', 'under this kernel; may be repeated; default all, and monolithic for a program of one\'s own')
      .argParser<string[]>((name, names) => [...(names ?? []), name]))
    .option('--machine <name>', 'live, or modelled hardware: model:NAME (kaleidos machines lists them)', 'live')
    .option('--processors <n>', 'virtual processors of a model machine, 1 to 64; default 1', parseProcessors)
    .option('--seed <n>', 'what a model machine draws interleavings and device timings from; default 0: nothing', parseSeed)
    .addOption(directoryOption('the folder itself'))
    .option('--env <name=value>', 'set a variable of the program; may be repeated', parseVariable)
    .option('--stdin <file>', 'what the program reads from standard input, - for this command\'s own; default nothing')
    .option('--out <file>', 'with a program and no --call: write what happens for ui.perfetto.dev (Chrome trace-event JSON)')
    .option('--trace-events <n>', 'the most events of that file; default 2,000,000, about 300 MB', parseEvents)
    .option('--json', 'print the result as JSON')
    .addHelpText('after', epilogue(`
What the program writes is not shown. With --call it runs several times: once traced, to see the steps, then with readings of \
the clock and no more, to time them; on modelled hardware once, and each step says what its cycles are for.

Exit status: 0; 1 if the program does not make the call, or measuring failed; 2 if the command line is wrong; 126 or 127 if \
there is no program that can run.

Examples:
  kaleidos trace --call fd_read
  kaleidos trace --call path_open --kernel microkernel --machine model:skylake
  kaleidos trace --kernel microkernel --out trace.json wc.wasm -- /data/words.txt`))
    .action(async (path: string | undefined, args: string[], options) => {
      const { trace } = await import('./trace.ts')
      end(await trace(path, args, options))
    })
}

function addKernels (program: Command, end: (ending: Ending) => void): void {
  const group = advised(program.command('kernels'))
    .summary('list the kernel architectures, or draw one')
    .description('List the kernel architectures, or show one.')
    .option('--json', 'print as JSON')
    .allowExcessArguments()
    .action(async (options, { args: [name] }: Command) => {
      if (name !== undefined) {
        throw new CommandError(`kernels: unknown command '${name}'`,
          suggestion(name, ['show']).trim() || `To draw the kernel of that name: kaleidos kernels show ${name}`)
      }
      const { listKernels } = await import('./kernels.ts')
      end(await listKernels(options))
    })
  advised(group.command('show'))
    .description('Draw a plan: its domains, the services in each, walls and gates.')
    .argument('<name>', 'a kernel architecture')
    .addOption(valueOption(runOptions.wall))
    .option(runOptions.supervised.flags, runOptions.supervised.text)
    .option('--json', 'print the plan itself')
    .addOption(new Option('--dot', 'print a graph for Graphviz').conflicts(['json', 'mermaid']))
    .addOption(new Option('--mermaid', 'print a graph for Mermaid').conflicts(['json', 'dot']))
    .action(async (name: string, options, command: Command) => {
      const { showKernel } = await import('./kernels.ts')
      // `--json` is an option of the group too, which then takes it.
      end(await showKernel(name, { ...options, ...command.optsWithGlobals() }))
    })
}

function addValidate (program: Command, end: (ending: Ending) => void): void {
  advised(program.command('validate'))
    .summary('published comparisons of kernels beside what the model says')
    .description('Run the workloads of published comparisons on modelled hardware, and print modelled beside published, with the error.')
    .option('--sensitivity', 'also say which inputs the conclusions hang on: each at both ends of its range')
    .option('--json', 'print as JSON')
    .addHelpText('after', epilogue(`
Targets and workloads were fixed before the first comparison; no target is an input of a profile. What is known from memory of \
a paper alone is scored apart.

Exit status: 0; 1 if a target is missed and no reason was stated beforehand.

Examples:
  kaleidos validate
  kaleidos validate --sensitivity`))
    .action(async (options) => {
      const { validate } = await import('./validate.ts')
      end(await validate(options))
    })
}

function addFaults (program: Command, end: (ending: Ending) => void): void {
  const several = (flags: string, text: string): Option => new Option(flags, text).argParser<string[]>((name, names) => [...(names ?? []), name])
  const group = advised(program.command('faults'))
    .summary('inject faults into every service of every kernel, and see what they take with them')
    .description('Run programs that check their own data, inject a fault into a service, and tell what came of it: contained, recovered, reported, silent corruption, loss of all. Over and over.')
    .addOption(several('--kernel <name>', 'in this kernel only; may be repeated'))
    .addOption(several('--service <name>', 'in this service only; may be repeated'))
    .addOption(several('--fault <kind>', 'of this kind only, such as wild-write; may be repeated'))
    .option('--n <n>', 'how many; default 1000, on the live machine 40', parseCount)
    .option('--seed <n>', 'what kinds, calls and bytes are drawn from; default 1', parseSeed)
    .option('--machine <name>', 'model:NAME, or live', 'model:skylake')
    .option('--workers <n>', 'threads of this host that carry them out; default as many as it has processors', parseCount)
    .option('--out <file>', 'a SQLite file that takes the results, after those that are in it; the report goes beside it, as .html', 'out/faults.sqlite')
    .option('--json', 'print the result as JSON')
    .allowExcessArguments()
    .addHelpText('after', epilogue(`
The same seed gives the same experiments, and on a model machine the same results, bit for bit, on any host. docs/faults.md \
says what is injected where, what the watcher compares, and has the schema of the file.

Exit status: 0; 1 if data of programs that do not use the failing domain was wrong without a word, so that a wall did not \
hold, or a fault took this command's own thread along; 2 if the command line is wrong.

Examples:
  kaleidos faults
  kaleidos faults --kernel microkernel --kernel monolithic --fault wild-write --n 500
  kaleidos faults --machine live --n 40
  kaleidos faults replay out/faults.sqlite 17
  sqlite3 out/faults.sqlite 'SELECT * FROM kernels'`))
    .action(async (options, { args: [name] }: Command) => {
      if (name !== undefined) throw new CommandError(`faults: unknown command '${name}'`, `${suggestion(name, ['replay'])}To have an experiment again: kaleidos faults replay FILE NUMBER`)
      const { faults } = await import('./faults.ts')
      end(await faults(options))
    })
  advised(group.command('replay'))
    .description('Carry out an experiment of a campaign again, tell what happened, and compare.')
    .argument('<file>', 'the file that the campaign has written')
    .argument('<number>', 'the experiment: its id', parseCount)
    .option('--json', 'print the result as JSON')
    .addHelpText('after', epilogue(`
Exit status: 0 if verdict and trace are the same, on the live machine the verdict; 1 if they differ; 2 if there is no such experiment.`))
    .action(async (path: string, number: number, options, command: Command) => {
      const { replayFault } = await import('./faults.ts')
      end(await replayFault(path, number, { ...options, ...command.optsWithGlobals() }))
    })
}

function addMachines (program: Command, end: (ending: Ending) => void): void {
  const group = advised(program.command('machines'))
    .summary('list the hardware that can be modelled, show one, or calibrate this one')
    .description('List the profiles of hardware: what a trap, a cache miss, a switch of address spaces … costs on which machine.')
    .option('--json', 'print as JSON')
    .allowExcessArguments()
    .addHelpText('after', epilogue(`
Every number has a source, and says whether it was measured, derived or assumed; the last two say between what they may lie.

Examples:
  kaleidos machines
  kaleidos machines show pentium
  kaleidos machines costs vfs
  kaleidos machines calibrate --out this.json
  kaleidos machines show ./this.json`))
    .action(async (options, { args: [name] }: Command) => {
      if (name !== undefined) {
        throw new CommandError(`machines: unknown command '${name}'`,
          suggestion(name, ['show', 'costs', 'calibrate', 'schema']).trim() || `To show the profile of that name: kaleidos machines show ${name}`)
      }
      const { listMachines } = await import('./machines.ts')
      end(await listMachines(options))
    })
  advised(group.command('show'))
    .description('Print every number of a profile, with its unit, range, basis and source.')
    .argument('<name>', 'a profile, or the path of a file with one')
    .option('--json', 'print the profile itself, to begin one of your own from')
    .action(async (name: string, options, command: Command) => {
      const { showMachine } = await import('./machines.ts')
      end(await showMachine(name, { ...options, ...command.optsWithGlobals() }))
    })
  advised(group.command('costs'))
    .description('Print how much work kernels do: the instructions and cache lines of each operation of a service, or of the core, and why; without a name what common calls come to.')
    .argument('[service]', 'a service, or core')
    .option('--json', 'print as JSON')
    .action(async (name: string | undefined, options, command: Command) => {
      const { showCosts } = await import('./costs.ts')
      end(await showCosts(name, { ...options, ...command.optsWithGlobals() }))
    })
  advised(group.command('calibrate'))
    .description('Measure this machine, as far as a program can, and make a profile of it; takes less than half a minute.')
    .option('--out <file>', 'write the profile there')
    .option('--name <name>', 'what it is called', 'this-machine')
    .option('--json', 'print the profile itself')
    .addHelpText('after', epilogue(`
What needs supervisor mode (traps, address spaces, interrupts) or a device of one's own cannot be measured from here: it is \
taken from the nearest profile that comes along, marked assumed, in a wide range. On a virtual machine what is measured is \
the virtual machine. Let nothing else run beside it.`))
    .action(async (options, command: Command) => {
      const { calibrateMachine } = await import('./machines.ts')
      end(await calibrateMachine({ ...options, ...command.optsWithGlobals() }))
    })
  advised(group.command('schema'))
    .description('Print the JSON Schema of a profile, for editors.')
    .action(async () => {
      const { printSchema } = await import('./machines.ts')
      end(await printSchema())
    })
}

function addAttacks (program: Command, end: (ending: Ending) => void): void {
  const repeatable = (word: string, words: string[] | undefined): string[] => [...(words ?? []), word]
  advised(program.command('attacks'))
    .summary('let hostile programs and servers try what they can reach')
    .description('Let hostile programs and hostile servers attack every kernel, and print what each could reach.')
    .usage('[options]')
    .argument('[words...]')
    .addOption(new Option('--kernel <name>', 'only this kernel; may be repeated').argParser<string[]>(repeatable))
    .addOption(new Option('--attack <name>', 'only this attack, or all of one kind: program, server, task; may be repeated').argParser<string[]>(repeatable))
    .addOption(valueOption(runOptions.wall))
    .option('--list', 'list the attacks')
    .option('--out <file>', 'write a report there (HTML)')
    .option('--json', 'print as JSON')
    .addOption(new Option('--one-process').hideHelp())
    .addHelpText('after', epilogue(`
Nothing is declared: secrets are hidden, and a watch looks from outside at what became of them, of the neighbours and of the \
process. Attacks that would end this command run in processes of their own.

Exit status: 0; 1 if something was reached that a wall claims to hold; 2 if the command line is wrong.

Examples:
  kaleidos attacks --kernel microkernel
  kaleidos attacks --attack program --attack server-exit --out attacks.html`))
    .action(async (words: string[], options) => {
      const { attackHere, attacks } = await import('./attacks.ts')
      if (options.oneProcess === true) return end(await attackHere(words[0]!, words.slice(1)))
      if (words.length > 0) throw new CommandError(`attacks: ${words[0]} is no option`, '`kaleidos attacks --help` lists what there is.')
      end(await attacks(options))
    })
}

function addDebug (program: Command, end: (ending: Ending) => void): void {
  const group = advised(program.command('debug'))
    .summary('look inside a kernel')
    .description('Look inside a kernel.')
    .helpCommand(false)
  addMachine(advised(group.command('address')))
    .description('Boot a kernel, start a program and say who can address what: the arenas that each domain reaches.')
    .addOption(kernelOption())
    .addOption(valueOption(runOptions.wall))
    .option('--json', 'print as JSON')
    .action(async (options) => {
      const { debugAddress } = await import('./debug.ts')
      end(await debugAddress(options))
    })
}

function kernelOption (initial?: string): Option {
  const option = new Option(kernelText.flags, kernelText.text)
  return initial === undefined ? option.makeOptionMandatory() : option.default(initial)
}

/** The machine that a command boots its system on. */
function addMachine (command: Command): Command {
  const option = (flags: string, text: string): Option => new Option(flags, text).helpGroup('Machine:')
  const valueOf = (flags: string, text: string, parse: (word: string) => number): Option => valueOption({ flags, text, parse }).helpGroup('Machine:')
  return command
    .addOption(option('--machine <name>', 'live, or model:NAME: a deterministic machine in virtual time, with the costs of that hardware (kaleidos machines lists them), or model:./FILE.json; default live'))
    .addOption(valueOf('--processors <n>', 'virtual processors of a model machine, 1 to 64; default 1', parseProcessors))
    .addOption(valueOf('--seed <n>', 'what interleavings, device timings and clock offsets of a model machine are drawn from; default 0: first come, first served', parseSeed))
}

function directoryOption (note: string): Option {
  return new Option(directoryFlags, `let programs see a folder of this host; may be repeated; ${note}`)
    .argParser(parseDirectory)
}

function valueOption ({ flags, text, parse }: ValueOption): Option {
  return new Option(flags, text).argParser(parse as (word: string, earlier: unknown) => unknown)
}

/** The options that limit what a program may use, for every command that runs one. */
function addLimits (command: Command): void {
  for (const limit of limits) command.addOption(valueOption(limit).helpGroup('Limits of the program and all that it starts:'))
}

/** What stands after the options, as wide as they are. Indented lines stay as they are: examples are copied from there. */
function epilogue (text: string): () => string {
  const help = new Help()
  return () => text.split('\n').map(line => line.startsWith(' ') ? line : help.boxWrap(line, columns())).join('\n')
}

/** Points to its help after an error. */
function advised (command: Command): Command {
  const path = command.parent?.name() === 'kaleidos' ? command.name() : `${command.parent?.name()} ${command.name()}`
  return command.showHelpAfterError(`\`kaleidos ${path} --help\` lists what there is.`)
}
