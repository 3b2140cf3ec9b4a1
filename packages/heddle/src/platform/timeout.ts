/** A timer holds 24 days at most. */
const LONGEST = 0x7fff_ffff;

/** Calls `action` after so many milliseconds; never if they are more than a timer holds, which is as good as none. */
export function after(milliseconds: number, action: () => void): NodeJS.Timeout | undefined {
  return milliseconds > LONGEST ? undefined : setTimeout(action, milliseconds);
}
