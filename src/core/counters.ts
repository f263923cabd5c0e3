/** What a system counts, exactly and always: plain fields, added to where the thing happens. */

export class SystemCounters {
  /** Calls that programs made. */
  calls = 0
  /** Calls through a gate that is not `direct`. */
  invocations = 0
  /** Entries into the core: one for a trap, two for an rpc (call; reply and wait). */
  crossings = 0
  /** Changes of the current address space, by gates and by the scheduler. */
  switches = 0
  /** Windows that the core granted to a callee. */
  grants = 0
  /** Bytes copied: message words and strings, and what went through windows. */
  bytesCopied = 0
  /** Invocations that the core refused: no capability, a revoked one, or of the wrong kind. */
  refusals = 0
  /** Times that a program's slice ran out while others were ready, and it was made to give way. */
  preemptions = 0
  /** Times that a thread waited for something; giving way is no wait. */
  waits = 0
  /** Faults of domains. */
  faults = 0
}
