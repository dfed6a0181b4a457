import { clsx } from 'clsx'

/** Class names put together. They are only ever added to: a caller never takes back what a component set. */
export const cn = clsx
