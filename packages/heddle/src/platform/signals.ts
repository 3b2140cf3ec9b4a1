/** Whether the program has a handler for a signal, such as SIGINT: then somebody outside can make it do anything. */
export function handlesSignals(): boolean {
  return process.eventNames().some((name) => typeof name === 'string' && name.startsWith('SIG'));
}
