import { spawnSync } from 'node:child_process';

/** The command that runs CPython. */
export const PYTHON = 'python3';

/** The version of CPython, such as `3.11.7`; undefined where there is none. */
export function pythonVersion(): string | undefined {
  const { status, stdout } = spawnSync(
    PYTHON,
    ['-c', 'import platform; print(platform.python_implementation(), platform.python_version())'],
    { encoding: 'utf8' },
  );
  return status === 0 ? /^CPython (\S+)/.exec(stdout)?.[1] : undefined;
}
