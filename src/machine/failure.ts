/** The machine cannot go on: not a fault of whoever runs on it now, so the system stops and says so. */
export class MachineFailure extends Error {
  override readonly name = 'MachineFailure'
}
