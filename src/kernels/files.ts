/** The mounted tree that the kernels have in common: a fresh ramfs, and the devices. */
export const tree = {
  service: 'vfs',
  options: { mounts: [{ path: '/', fileSystem: 'ramfs' }, { path: '/dev', fileSystem: 'devfs' }], pipes: 'pipefs' }
} as const
