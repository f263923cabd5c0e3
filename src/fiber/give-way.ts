/**
 * Giving way: a thread of control that could go on, and lets others run first.
 *
 * `yield giveWay` is not a wait for a condition: nobody ever wakes this queue. The scheduler knows it and puts the
 * thread that waits on it at the end of its run queue, so that every other runnable thread runs before it.
 */

import { WaitQueue } from './wait-queue.ts'

export const giveWay = new WaitQueue('give way')
