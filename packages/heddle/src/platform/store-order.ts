/**
 * Whether all cores see the plain stores of one core in their order, as on x86. Elsewhere a thread that sees the last of
 * some plain stores must synchronize in another way before it reads the others.
 */
export const keepsStoreOrder: boolean = process.arch === 'x64' || process.arch === 'ia32';
