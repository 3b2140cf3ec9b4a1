/** `require` as heddle itself calls it: for paths and names of packages, not for files beside the caller. */
import { createRequire } from 'node:module';

let own: NodeJS.Require | undefined;

/** Made when first needed: that takes a while, and importing heddle does not need it. */
export function ownRequire(): NodeJS.Require {
  own ??= createRequire(import.meta.url);
  return own;
}
