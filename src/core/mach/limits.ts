/** Sizes and priorities of messages and those who receive them. */

/** Words of a message's header: who is asked, who gets the reply, how long it is. `mach_msg_header_t` of Mach 3 has 24 bytes. */
export const HEADER_WORDS = 3

/** Of threads that serve: before programs, whoever asked. */
export const SERVER_PRIORITY = 0
