/** What the kernels have in common: the mounted tree, with a fresh ramfs, the devices, and the system itself as files; the services of a whole kernel. */
export const tree = {
  service: 'vfs',
  options: {
    mounts: [{ path: '/', fileSystem: 'ramfs', namesAreOurs: true }, { path: '/dev', fileSystem: 'devfs' }, { path: '/proc', fileSystem: 'procfs', readOnly: true }],
    pipes: 'pipefs'
  }
} as const

/** A whole monolithic kernel, but for who takes its programs' calls: for plans in which it is one server. */
export const wholeKernel = ['proc', tree, 'ramfs', 'pipefs', 'socketfs', 'devfs', 'procfs', 'console', 'clock', 'entropy'] as const

/** What such a server drives, where it is no supervisor. */
export const wholeKernelDevices = ['console', 'clock', 'timer', 'interrupts', 'entropy'] as const
