/** Limits of domains that stand elsewhere. */

/** Calls that such a domain serves at once, whatever its plan says; callers queue beyond. */
export const REMOTE_CALLS_MAX = 4096
/** Requests of such a domain that are under way; more is a fault of it. */
export const REMOTE_REQUESTS_MAX = 8192
/** Grant pages of one domain together, in bytes (ENOMEM). */
export const GRANT_BYTES_MAX = 2 ** 29
/** Of threads that do what a domain elsewhere asks for: before programs, whoever asked. */
export const REQUEST_PRIORITY = 0
