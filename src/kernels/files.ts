/** The mounted tree that the kernels have in common: a fresh ramfs, the devices, and the system itself as files. */
export const tree = {
  service: 'vfs',
  options: {
    mounts: [{ path: '/', fileSystem: 'ramfs', namesAreOurs: true }, { path: '/dev', fileSystem: 'devfs' }, { path: '/proc', fileSystem: 'procfs', readOnly: true }],
    pipes: 'pipefs'
  }
} as const
